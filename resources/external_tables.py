"""Source tables that live elsewhere: at a URL, in a SQL database or a key-value store, named in `external.yaml`.

    bookings: {path: "s3://lake/bookings/*.parquet"}
    listings: {path: "abfss://lake@account.dfs.core.windows.net/listings", format: delta}
    users:    {sql: "postgresql+psycopg://reader@db/app", table: public.users}
    profiles: {type: redis, url: "redis://cache:6379/0", prefix: "user:", key: user, columns: {tier: integer}}

Definitions name `bookings` wherever they run; only this file knows where it lives.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from deltalake import DeltaTable

from bighead.pipeline_lib.errors import DefinitionError, SchemaError, StoreError, UnknownNameError
from bighead.resources.redis_table import FIELDS as LIVE_FIELDS
from bighead.resources.redis_table import RedisTable
from bighead.resources.snapshot_table import SnapshotTable
from bighead.resources.sql_table import SqlTable

FILE = "external.yaml"
# Told apart from tables by its first character.
SNAPSHOTS = "_snapshots"
FORMATS = ("parquet", "csv", "delta")
FIELDS = ("path", "format", "sql", "table")
# What polars reads by itself, with columns and rows pushed down; other schemes go through fsspec.
_NATIVE = ("s3", "s3a", "gs", "gcs", "az", "azure", "adl", "abfs", "abfss", "hf", "http", "https", "file")


@dataclass(frozen=True)
class ExternalFiles:
    """Files at a URL, which may have wildcards."""

    path: str
    format: str

    def scan(self) -> pl.LazyFrame:
        """Return the rows, lazily."""
        if self.format == "delta":
            return pl.scan_delta(self.path)
        if self.path.partition("://")[0] in _NATIVE:
            if self.format == "parquet":
                return pl.scan_parquet(self.path)
            return pl.scan_csv(self.path, try_parse_dates=True, infer_schema_length=10_000)
        files = list(self._files())
        if self.format == "csv":
            return _read_csv(files).lazy()
        return pl.concat([pl.read_parquet(io.BytesIO(data)) for _, data in files]).lazy()

    def fingerprint(self) -> str:
        """Return a text that changes with the contents: the version of a Delta table, else what the store says."""
        if self.format == "delta":
            return f"delta:{DeltaTable(self.path).version()}"
        digest = hashlib.blake2b(digest_size=16)
        for name, mark in self._marks():
            digest.update(f"{name}\0{mark}\0".encode())
        return f"files:{digest.hexdigest()}"

    def _marks(self) -> Iterator[tuple[str, str]]:
        filesystem, path = _filesystem(self.path)
        for name in sorted(filesystem.glob(path)):
            told = filesystem.info(name)
            # Every store gives one of these; a size alone would not see a value that was corrected.
            stamp = next((told[key] for key in ("ETag", "etag", "mtime", "created") if key in told), "")
            yield name, f"{told.get('size')} {stamp}"

    def _files(self) -> Iterator[tuple[str, bytes]]:
        filesystem, path = _filesystem(self.path)
        found = sorted(filesystem.glob(path))
        if not found:
            raise StoreError(f"no file is at {self.path!r}.", cure=f"Check the path in {FILE}.")
        for name in found:
            yield name, filesystem.cat_file(name)


External = ExternalFiles | SqlTable | SnapshotTable


def read_external(file: Path) -> dict[str, External]:
    """Return the tables that a file names; none where there is no file.

    Raises:
        DefinitionError: an entry that names no place, or two; told with the file's name.
        UnknownNameError: a field or a format that there is not.
    """
    if not file.is_file():
        return {}
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise DefinitionError(f"{file.name} is no YAML: {error}.", cure="Correct the line.") from error
    if not isinstance(entries, Mapping):
        raise DefinitionError(f"{file.name} holds no table names.", cure="Expected `name: {path: …}`.")
    return {str(name): _entry(str(name), fields, file) for name, fields in entries.items()}


def _entry(name: str, fields: Any, file: Path) -> External:
    given, where = dict(fields) if isinstance(fields, Mapping) else {}, file.name
    if "type" in given:
        return _live(name, given, file)
    for field in given:
        if field not in FIELDS:
            raise UnknownNameError(f"field of {name!r} in {where}", str(field), FIELDS)
    if set(given) == {"sql", "table"}:
        return SqlTable(str(given["sql"]), str(given["table"]))
    if "path" not in given or set(given) - {"path", "format"}:
        raise DefinitionError(
            f"{name!r} of {where} has the fields {sorted(given)}.",
            cure="Expected path (and format), or sql and table.",
        )
    path = str(given["path"])
    kind = str(given.get("format", path.rpartition(".")[2]))
    if kind not in FORMATS:
        raise UnknownNameError(f"format of {name!r} in {where}", kind, FORMATS)
    return ExternalFiles(path, kind)


def _live(name: str, given: dict[str, Any], file: Path) -> SnapshotTable:
    """Snapshots of a store without history; they lie beside the warehouse's tables unless `snapshots` says where."""
    if given["type"] != "redis":
        raise UnknownNameError(f"type of {name!r} in {file.name}", str(given["type"]), ["redis"])
    path = str(given.pop("snapshots", file.parent / SNAPSHOTS / name))
    for each in given:
        if each not in LIVE_FIELDS:
            raise UnknownNameError(
                f"field of {name!r} in {file.name}", str(each), [*LIVE_FIELDS, "snapshots"]
            )
    if not {"url", "prefix", "columns"} <= set(given) or not isinstance(given["columns"], Mapping):
        raise DefinitionError(
            f"{name!r} of {file.name} has the fields {sorted(given)}.",
            cure="A table of Redis has a url, a prefix, and columns: {field: type}.",
        )
    told = {each: str(given[each]) for each in ("url", "prefix", "format", "key") if each in given}
    columns = {str(each): str(dtype) for each, dtype in given["columns"].items()}
    return SnapshotTable(name, RedisTable(**told, columns=columns), path)


def _filesystem(path: str) -> tuple[Any, str]:
    import fsspec

    try:
        filesystem, inside = fsspec.core.url_to_fs(path)
        return filesystem, str(inside)
    except (ImportError, ValueError) as error:
        raise StoreError(f"{path!r} cannot be reached: {error}.", cure="Install what it names.") from error


def _read_csv(files: list[tuple[str, bytes]]) -> pl.DataFrame:
    """Read parts as one text: alone, a part whose column is empty throughout would be of another type."""
    header = files[0][1].split(b"\n", 1)[0].rstrip(b"\r")
    bodies = [header]
    for name, data in files:
        first, _, rest = data.partition(b"\n")
        if first.rstrip(b"\r") != header:
            raise SchemaError(
                f"{name} has the header {first[:200]!r}, and {files[0][0]} {header[:200]!r}.",
                cure="Parts of one table have one header.",
            )
        bodies.append(rest.strip(b"\r\n"))
    text = b"\n".join(body for body in bodies if body)
    return pl.read_csv(io.BytesIO(text), try_parse_dates=True, infer_schema_length=10_000)
