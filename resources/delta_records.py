"""What a table of features knows of its own days: their definitions and what computing them took.

Each row bears its definition's hash, so a day's is in the statistics of its one file; the hash's meaning and the
seconds are in the metadata of the commit that wrote it. Neither can be there without the rows, nor they without it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features.batch_grain import DAILY, GRAINS, Grain, grain_of_key
from bighead.pipeline_lib.features.row_definition import RowDefinition, Spent, StoredDay
from bighead.resources.delta_types import check_same_types

PARTITION, DEFINITION = "partition", "__row_definition"
RECORD = "bighead.definition"
DAYS, ROWS, SECONDS = "bighead.days", "bighead.rows", "bighead.seconds"
# The grain of the commit's partitions; days where a commit does not say.
BATCH = "bighead.batch"
# An estimate looks at this many commits, the newest.
_RECENT = 24
# Delta keeps statistics of this many leading columns; behind them only the rows themselves tell.
_WITH_STATISTICS = 32


def recorded(keys: Sequence[str], rows: int, definition: RowDefinition, seconds: float) -> dict[str, str]:
    """Return the metadata of a commit."""
    told = {DAYS: str(len(keys)), ROWS: str(rows), SECONDS: f"{seconds:.6f}"}
    grain = grain_of_key(keys[0])
    return {RECORD: definition.to_json(), **told, **({BATCH: grain.name} if grain is not DAILY else {})}


def spent(path: Path, grain: Grain) -> Spent:
    """Return what the newest recorded commits took: computing the rows, and writing them; in a grain's partitions."""
    days, rows, seconds = 0.0, 0, 0.0
    for commit in DeltaTable(str(path)).history(_RECENT):
        if SECONDS in commit:
            length = GRAINS[commit.get(BATCH, DAILY.name)].length
            days, rows = days + int(commit[DAYS]) * (length / grain.length), rows + int(commit[ROWS])
            writing = (commit.get("operationMetrics") or {}).get("execution_time_ms") or 0
            seconds += float(commit[SECONDS]) + float(writing) / 1000
    return Spent(max(round(days), days > 0), rows, seconds)


def written_at(path: Path) -> dict[str, datetime]:
    """Return when the newest file of each partition was written, by its key."""
    added = pl.DataFrame(DeltaTable(str(path)).get_add_actions(flatten=True))
    newest = added.group_by(f"partition.{PARTITION}").agg(pl.col("modification_time").max())
    # Delta tells milliseconds since 1970.
    return {str(key): datetime.fromtimestamp(moment / 1000, UTC) for key, moment in newest.iter_rows()}


def stamps(path: Path) -> dict[str, str]:
    """Return a text for each partition made of the names of its files, which are never used twice."""
    files: dict[str, list[str]] = {}
    added = pl.DataFrame(DeltaTable(str(path)).get_add_actions(flatten=True))
    for key, file in added.select(f"partition.{PARTITION}", "path").iter_rows():
        files.setdefault(str(key), []).append(str(file))
    return {
        key: hashlib.blake2b("\n".join(sorted(named)).encode(), digest_size=8).hexdigest()
        for key, named in sorted(files.items())
    }


def partition_files(path: Path) -> dict[str, list[Path]]:
    """Return the Parquet files of each partition, of the table's newest version; they lack the partition's column."""
    files: dict[str, list[Path]] = {}
    added = pl.DataFrame(DeltaTable(str(path)).get_add_actions(flatten=True))
    for key, file in added.select(f"partition.{PARTITION}", "path").iter_rows():
        files.setdefault(str(key), []).append(path / unquote(str(file)))
    return dict(sorted(files.items()))


def stored_partitions(path: Path) -> dict[str, StoredDay]:
    """Return each partition's rows and definition by its key, of the table's newest version."""
    table = DeltaTable(str(path))
    files = pl.DataFrame(table.get_add_actions(flatten=True))
    found: dict[str, StoredDay] = {}
    hashes = _hashes(table, files)
    meanings = _meanings(table, {each for each in hashes.values() if each})
    for file in files.iter_rows(named=True):
        key = str(file[f"partition.{PARTITION}"])
        definition = meanings.get(hashes.get(key) or "")
        empty = file["num_records"] == 1 and file.get("null_count.event_time") == 1
        rows = 0 if empty else int(file["num_records"])
        columns = frozenset[str]() if definition else _columns(path / unquote(file["path"]))
        # A partition that somebody compacted or split stays one.
        before = found.get(key)
        found[key] = StoredDay(rows + (before.rows if before else 0), definition, columns)
    return found


def made_of(path: Path) -> dict[str, str | None]:
    """Return the hash that every row of each partition bears; None where they bear none."""
    table = DeltaTable(str(path))
    files = pl.DataFrame(table.get_add_actions(flatten=True))
    keys = dict.fromkeys(files[f"partition.{PARTITION}"].cast(pl.String).to_list())
    return keys | _hashes(table, files)


def begins_anew(
    path: Path, rows: pl.DataFrame, keys: Sequence[str], now: str, metadata: Mapping[str, str]
) -> bool:
    """Return whether a commit has to replace the whole table: a column's type changed, and so did the definition.

    One table cannot hold a column in two types. What is given up are partitions that the definition whose hash
    is `now`, told in the commit's `metadata`, cannot read; the table's earlier versions keep them.

    Raises:
        SchemaError: a type changed, and partitions that stay are of this definition or do not say of which.
    """
    try:
        check_same_types(rows, pl.scan_delta(str(path)).collect_schema(), f"{path.parent.name}/{path.name}")
    except SchemaError:
        stay = {key: seen for key, seen in made_of(path).items() if key not in set(keys)}
        definition = _definition(metadata)
        if not now or not all(seen and seen != now for seen in stay.values()):
            raise
        found = stored_partitions(path).items() if definition else ()
        if any(each.covers(definition) for key, each in found if definition and key in stay):
            raise
        return True
    return False


def _hashes(table: DeltaTable, files: pl.DataFrame) -> dict[str, str | None]:
    names = [field.name for field in table.schema().fields]
    if DEFINITION not in names:
        return {}
    partition, least, most = f"partition.{PARTITION}", f"min.{DEFINITION}", f"max.{DEFINITION}"
    if names.index(DEFINITION) < _WITH_STATISTICS and least in files.columns:
        found = files.select(partition, least, alone=pl.col(least) == pl.col(most))
    else:
        rows = pl.scan_delta(table).group_by(pl.col(PARTITION).alias(partition))
        found = rows.agg(pl.col(DEFINITION).min(), alone=pl.col(DEFINITION).n_unique() == 1).collect()
    hashes: dict[str, str | None] = {}
    for key, seen, alone in found.iter_rows():
        mixed = not alone or hashes.get(key, seen) != seen
        hashes[str(key)] = None if mixed else seen
    return hashes


def _meanings(table: DeltaTable, wanted: set[str]) -> dict[str, RowDefinition]:
    """Return the definitions of these hashes, looked for from the newest commit back."""
    found: dict[str, RowDefinition] = {}
    limit, last = 8, int(table.version()) + 1
    while wanted - set(found):
        for commit in table.history(limit):
            definition = _definition(commit)
            if definition is not None and definition.hash in wanted:
                found[definition.hash] = definition
        if limit >= last:
            break
        limit *= 4
    return found


def _definition(commit: Mapping[str, Any]) -> RowDefinition | None:
    try:
        return RowDefinition.from_json(commit[RECORD]) if RECORD in commit else None
    except (json.JSONDecodeError, KeyError, TypeError):
        return None


def _columns(file: Path) -> frozenset[str]:
    return frozenset(pl.read_parquet_schema(file))
