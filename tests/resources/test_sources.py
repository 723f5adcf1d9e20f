"""The warehouse finds tables by name, whatever they are stored as."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from deltalake import write_deltalake

from bighead.pipeline_lib.errors import StoreError, UnknownNameError
from bighead.resources.sources import Warehouse

FRAME = pl.DataFrame({"k": ["a", "b"], "ts": [datetime(2013, 3, 1, tzinfo=UTC)] * 2, "x": [1, None]})


@pytest.fixture
def warehouse(tmp_path):
    FRAME.write_parquet(tmp_path / "stays.parquet")
    FRAME.write_csv(tmp_path / "listed.csv")
    write_deltalake(str(tmp_path / "versioned"), FRAME)
    (tmp_path / "data" / "parts").mkdir(parents=True)
    FRAME[:1].write_parquet(tmp_path / "data" / "parts" / "0.parquet")
    FRAME[1:].write_parquet(tmp_path / "data" / "parts" / "1.parquet")
    FRAME.write_parquet(tmp_path / "data" / "bookings.parquet")
    FRAME.write_parquet(tmp_path / "core.bookings.parquet")
    return Warehouse(tmp_path)


@pytest.mark.parametrize(
    "table", ["stays", "listed", "versioned", "data/bookings", "core.bookings", "data/parts"]
)
def test_every_form_reads_the_same(warehouse, table):
    read = warehouse.scan(table).collect().with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC")))
    assert read.equals(FRAME)


def test_tables_are_listed_by_the_names_that_scan_takes(warehouse):
    listed = warehouse.tables()
    assert {"stays", "listed", "versioned", "data/bookings", "core.bookings"} <= set(listed)
    for table in listed:
        assert warehouse.scan(table).collect().height


@pytest.mark.parametrize("table", ["stays", "listed", "data/parts", "versioned"])
def test_a_fingerprint_changes_with_the_contents_and_only_then(warehouse, table):
    first = warehouse.fingerprint(table)
    assert Warehouse(warehouse.root).fingerprint(table) == first
    changed = FRAME.with_columns(x=pl.lit(5, dtype=pl.Int64))
    path = warehouse.root / table
    if table == "versioned":
        write_deltalake(str(path), changed, mode="overwrite")
    elif table == "data/parts":
        changed[:1].write_parquet(path / "0.parquet")
    elif table == "listed":
        changed.write_csv(path.with_suffix(".csv"))
    else:
        changed.write_parquet(path.with_suffix(".parquet"))
    assert warehouse.fingerprint(table) != first


def test_preparing_the_same_data_again_is_no_change(warehouse):
    first = warehouse.fingerprint("stays")
    FRAME.write_parquet(warehouse.root / "stays.parquet")
    assert warehouse.fingerprint("stays") == first


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        ("stay", UnknownNameError, "no table is called 'stay'. Did you mean 'stays'"),
        ("../stays", StoreError, "outside the warehouse"),
        ("/etc/passwd", StoreError, "outside the warehouse"),
        ("", StoreError, "outside the warehouse"),
    ],
)
def test_tables_that_are_not_there(warehouse, table, error, words):
    with pytest.raises(error, match=words):
        warehouse.scan(table)
    with pytest.raises(error, match=words):
        warehouse.fingerprint(table)
