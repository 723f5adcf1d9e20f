"""The warehouse: source tables found by name, in one folder as Parquet, CSV or Delta, or where a file says."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
from deltalake import DeltaTable

from bighead.pipeline_lib.clock import Clock
from bighead.pipeline_lib.errors import StoreError, UnknownNameError
from bighead.resources import external_tables
from bighead.resources.snapshot_table import SnapshotTable, Taken

SUFFIXES = (".parquet", ".csv")


class Warehouse:
    """Reads `<root>/<table>.parquet`, `<root>/<table>.csv`, or a folder `<root>/<table>` of Delta or Parquet.

    A table that lives elsewhere is named in `<root>/external.yaml`, see `external_tables`; it comes first.
    A table's name may have dots and slashes (`core.bookings`, `data/bookings`) but stays inside the root.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._fingerprints: dict[tuple[str, int, int], str] = {}

    def tables(self) -> list[str]:
        """Return the names of all tables, sorted; the files of a Delta folder are none."""
        found = set(self._external())
        deltas = {log.parent for log in self.root.rglob("_delta_log")}
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root)
            if deltas & set(path.parents) or any(part.startswith((".", "_")) for part in name.parts):
                continue
            if path.suffix in SUFFIXES:
                found.add(name.with_suffix("").as_posix())
            elif path in deltas or (path.is_dir() and any(path.glob("*.parquet"))):
                found.add(name.as_posix())
        return sorted(found)

    def scan(self, table: str) -> pl.LazyFrame:
        """Return the table, lazily; times in a CSV are parsed where they are ISO.

        Raises:
            UnknownNameError: there is no such table, with the nearest names.
        """
        elsewhere = self._external().get(table)
        if elsewhere is not None:
            return elsewhere.scan()
        path = self._path(table)
        if path.suffix == ".parquet":
            return pl.scan_parquet(path)
        if path.suffix == ".csv":
            return pl.scan_csv(path, try_parse_dates=True, infer_schema_length=10_000)
        if (path / "_delta_log").is_dir():
            return pl.scan_delta(str(path))
        return pl.scan_parquet(path / "**" / "*.parquet")

    def parquet_files(self, table: str) -> list[Path]:
        """Return the Parquet files of a table of the folder; none where it is anything else.

        Raises:
            UnknownNameError: there is no such table.
        """
        if table in self._external():
            return []
        path = self._path(table)
        if path.is_file():
            return [path] if path.suffix == ".parquet" else []
        return [] if (path / "_delta_log").is_dir() else sorted(path.rglob("*.parquet"))

    def fingerprint(self, table: str) -> str:
        """Return `delta:<version>` or `blake2b:<hash of the bytes>`: equal contents, equal fingerprint.

        Files elsewhere give `files:<hash of their sizes and stamps>`, a database's table `unversioned:<name>`.

        Raises:
            UnknownNameError: there is no such table.
        """
        elsewhere = self._external().get(table)
        if elsewhere is not None:
            return elsewhere.fingerprint()
        path = self._path(table)
        if path.is_dir() and (path / "_delta_log").is_dir():
            return f"delta:{DeltaTable(str(path)).version()}"
        files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        digest = hashlib.blake2b(digest_size=16)
        for file in files:
            digest.update(self._hash(file).encode())
        return f"blake2b:{digest.hexdigest()}"

    def snapshots(self) -> dict[str, SnapshotTable]:
        """Return the tables that are snapshots of a store without history, by name."""
        return {name: each for name, each in self._external().items() if isinstance(each, SnapshotTable)}

    def take(self, table: str, clock: Clock) -> Taken:
        """Read a store without history, and keep what it holds as the table's snapshot of the clock's day.

        Raises:
            UnknownNameError: no such table, or none of snapshots.
            DefinitionError, DataError, SchemaError, StoreError: as `SnapshotTable.take`.
        """
        known = self.snapshots()
        if table not in known:
            raise UnknownNameError("table of snapshots", table, known)
        return known[table].take(clock)

    def _external(self) -> dict[str, external_tables.External]:
        return external_tables.read_external(self.root / external_tables.FILE)

    def _hash(self, file: Path) -> str:
        # Contents rather than times: preparing the same data again must not look like new data.
        seen = file.stat()
        key = (str(file), seen.st_size, seen.st_mtime_ns)
        if key not in self._fingerprints:
            with file.open("rb") as stream:
                self._fingerprints[key] = hashlib.file_digest(stream, "blake2b").hexdigest()
        return self._fingerprints[key]

    def _path(self, table: str) -> Path:
        base = self.root / table
        if not table or Path(table).is_absolute() or ".." in Path(table).parts:
            raise StoreError(
                f"the table {table!r} lies outside the warehouse.", cure="Name a table inside it."
            )
        for suffix in SUFFIXES:
            file = base.with_name(base.name + suffix)
            if file.is_file():
                return file
        if _is_table_folder(base):
            return base
        raise UnknownNameError("table", table, self.tables())


def _is_table_folder(path: Path) -> bool:
    return path.is_dir() and ((path / "_delta_log").is_dir() or any(path.glob("*.parquet")))
