"""One commit of an offline table: partitions are replaced whole, each one file in the order of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from deltalake import CommitProperties, DeltaTable, write_deltalake

from bighead.resources.delta_grains import with_cut
from bighead.resources.delta_records import DEFINITION, PARTITION, begins_anew

# One file a partition keeps the order of its rows.
_ONE_FILE = 1 << 40
# Artifacts name the versions they were trained on, so old log entries must stay readable.
_CONFIGURATION: dict[str, str | None] = {"delta.enableExpiredLogCleanup": "false"}


def commit(
    path: str, kind: str, rows: pl.DataFrame, keys: Sequence[str], made_of: str, metadata: dict[str, str]
) -> None:
    """Replace partitions of a table by these rows in one commit; the table begins anew where a type changed.

    Raises:
        SchemaError: a column has another type than before, in partitions that stay.
    """
    there = DeltaTable.is_deltatable(path)
    anew = there and begins_anew(Path(path), rows, keys, made_of, metadata)
    table: str | DeltaTable = path
    whole, gone = rows, keys
    if kind == "features" and there and not anew:
        # The table that is read: whoever commits to a day that is cut meanwhile makes this commit fail.
        table = held = DeltaTable(path)
        whole, gone = with_cut(held, rows, keys)
    write_deltalake(
        table,
        whole.sort(_order(kind, whole.columns), maintain_order=True),
        mode="overwrite",
        partition_by=[PARTITION],
        predicate=None if anew else _named(gone),
        schema_mode="overwrite" if anew else "merge",
        configuration=_CONFIGURATION,
        target_file_size=_ONE_FILE,
        commit_properties=CommitProperties(custom_metadata=metadata),
    )


def _named(keys: Sequence[str]) -> str:
    listed = ", ".join("'" + key.replace("'", "''") + "'" for key in keys)
    return f"{PARTITION} IN ({listed})"


def _order(kind: str, columns: Sequence[str]) -> list[str]:
    """Return what rows are sorted by: a day's by key and time, all else as it came."""
    if kind != "features":
        return [PARTITION]
    leading = [column for column in columns if column not in (PARTITION, DEFINITION)]
    return [PARTITION, *leading[: leading.index("event_time") + 1]]
