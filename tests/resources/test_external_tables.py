from __future__ import annotations

from datetime import UTC, date, datetime

import fsspec
import polars as pl
import pytest
import sqlalchemy as sa
from deltalake import write_deltalake

from bighead.pipeline_lib.errors import (
    BigheadError,
    DefinitionError,
    SchemaError,
    StoreError,
    UnknownNameError,
)
from bighead.resources.external_tables import FILE
from bighead.resources.sources import Warehouse

FRAME = pl.DataFrame({"k": ["a", "b"], "ts": [datetime(2013, 3, 1, tzinfo=UTC)] * 2, "x": [1, None]})


def warehouse(folder, text: str) -> Warehouse:
    (folder / FILE).write_text(text)
    return Warehouse(folder)


@pytest.fixture
def memory():
    filesystem = fsspec.filesystem("memory")
    for number in range(2):
        with filesystem.open(f"/lake/part-{number}.parquet", "wb") as file:
            FRAME[number : number + 1].write_parquet(file)
        with filesystem.open(f"/lake/part-{number}.csv", "wb") as file:
            FRAME[number : number + 1].write_csv(file)
    yield filesystem
    filesystem.rm("/lake", recursive=True)


def test_files_elsewhere_read_as_files_here(memory, tmp_path):
    FRAME.write_parquet(tmp_path / "far.parquet")
    write_deltalake(str(tmp_path / "versions"), FRAME)
    tables = warehouse(
        tmp_path,
        f"""
parquet: {{path: "memory://lake/*.parquet"}}
csv: {{path: "memory://lake/*.csv"}}
native: {{path: "file://{tmp_path}/far.parquet"}}
delta: {{path: "{tmp_path}/versions", format: delta}}
""",
    )
    for name in ("parquet", "csv", "native", "delta"):
        read = tables.scan(name).collect().with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC")))
        assert read.equals(FRAME), name
        assert name in tables.tables()


def test_a_fingerprint_of_files_elsewhere_changes_with_them(memory, tmp_path):
    tables = warehouse(tmp_path, 'far: {path: "memory://lake/*.parquet"}')
    first = tables.fingerprint("far")
    assert tables.fingerprint("far") == first
    with memory.open("/lake/part-1.parquet", "wb") as file:
        FRAME.write_parquet(file)
    assert tables.fingerprint("far") != first


def database(folder) -> str:
    url = f"sqlite:///{folder / 'app.sqlite'}"
    engine = sa.create_engine(url)
    columns = [
        sa.Column("id", sa.BigInteger),
        sa.Column("name", sa.String),
        sa.Column("born", sa.Date),
        sa.Column("seen", sa.DateTime),
        sa.Column("paid", sa.Numeric(10, 2)),
        sa.Column("ok", sa.Boolean),
    ]
    users = sa.Table("users", sa.MetaData(), *columns)
    users.create(engine)
    row = {
        "name": "Ann",
        "born": date(1960, 2, 29),
        "seen": datetime(1960, 1, 1, 5),
        "paid": 1.25,
        "ok": True,
    }
    rows = [{"id": n, **(row if n % 3 else dict.fromkeys(row))} for n in range(250)]
    with engine.begin() as connection:
        connection.execute(users.insert(), rows)
    engine.dispose()
    return url


def test_a_table_of_a_database_reads_with_the_types_of_its_catalogue(tmp_path):
    tables = warehouse(tmp_path, f'users: {{sql: "{database(tmp_path)}", table: users}}')
    scanned = tables.scan("users")
    assert scanned.collect_schema() == {
        "id": pl.Int64,
        "name": pl.String,
        "born": pl.Date,
        "seen": pl.Datetime("us"),
        "paid": pl.Float64,
        "ok": pl.Boolean,
    }
    found = scanned.filter(pl.col("id") >= 248).select("id", "paid", "seen", "ok").collect()
    assert found.rows() == [(248, 1.25, datetime(1960, 1, 1, 5), True), (249, None, None, None)]
    assert scanned.head(3).collect().height == 3
    assert scanned.collect().height == 250
    assert tables.fingerprint("users") == "unversioned:users"


@pytest.mark.parametrize(
    ("entry", "error", "words"),
    [
        ("{path: x.parquet, sql: y}", DefinitionError, "has the fields"),
        ("{}", DefinitionError, r"has the fields \[\]"),
        ("{pth: x.parquet}", UnknownNameError, "'pth'"),
        ("{path: x.avro}", UnknownNameError, "'avro'"),
        ('{path: "memory://nowhere/*.parquet"}', StoreError, "no file is at"),
        ('{path: "odd://nowhere/x.csv"}', StoreError, "cannot be reached"),
        ('{sql: "sqlite:///DB", table: userz}', UnknownNameError, "'userz'"),
        ('{sql: "sqlite:////nowhere/at/all.db", table: users}', StoreError, "cannot be read"),
        ('{sql: "no url", table: users}', StoreError, "cannot be read"),
    ],
)
def test_an_entry_that_cannot_be_read_says_what_is_wrong(tmp_path, entry, error, words):
    database(tmp_path)
    tables = warehouse(tmp_path, f"far: {entry.replace('DB', str(tmp_path / 'app.sqlite'))}")
    with pytest.raises(error, match=words):
        tables.scan("far").collect()


def test_a_password_is_not_told(tmp_path):
    tables = warehouse(tmp_path, 'far: {sql: "postgresql+psycopg://me:secret@127.0.0.1:1/db", table: t}')
    with pytest.raises(BigheadError) as error:
        tables.scan("far")
    assert "secret" not in str(error.value)


def test_a_column_without_counterpart_is_refused(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'odd.sqlite'}")
    sa.Table("odd", sa.MetaData(), sa.Column("gap", sa.Interval)).create(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE bare (x JSON)"))
    engine.dispose()
    tables = warehouse(tmp_path, f'far: {{sql: "sqlite:///{tmp_path}/odd.sqlite", table: bare}}')
    with pytest.raises(SchemaError, match="'x'"):
        tables.scan("far")
