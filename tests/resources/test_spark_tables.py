"""Spark's catalogue and SQL give what DuckDB and files give, and tasks clean as one process does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import Memory, SourceRows, StoreRows, backfill, values_at
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.sources import Warehouse
from bighead.resources.spark_engine import SparkEngine
from bighead.resources.spark_tables import SparkTables

T0 = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(4)]
STAYS = pl.DataFrame(
    {
        "id": [*range(60), 0, 1],
        "home": ["loft", "barn", "mill"] * 20 + ["loft", "barn"],
        "ts": [*(T0 + timedelta(hours=n) for n in range(60)), T0, T0 + timedelta(hours=1)],
        "nights": [*range(60), 0, 1],
        "status": ["ok", "ok", "no", "ok"] * 15 + ["ok", "ok"],
    },
    schema_overrides={"ts": pl.Datetime("us", "UTC")},
)
QUERY = """SELECT id, home, ts, nights + 1 AS nights, status FROM stays
WHERE ts >= '{{start_date}}' AND ts < date_add('{{end_date}}', 1)"""


@pytest.fixture(scope="module")
def catalogued(spark):
    """A Hive table with the rows of STAYS."""
    spark.sql("CREATE DATABASE IF NOT EXISTS core")
    spark.sql(
        "CREATE TABLE IF NOT EXISTS core.stays (id BIGINT, home STRING, ts TIMESTAMP, nights BIGINT, status STRING)"
        " STORED AS PARQUET"
    )
    listed = ", ".join(
        f"({i}, '{home}', TIMESTAMP'{ts:%Y-%m-%d %H:%M:%S}', {nights}, '{status}')"
        for i, home, ts, nights, status in STAYS.iter_rows()
    )
    spark.sql(f"INSERT INTO core.stays VALUES {listed}")
    return spark


@pytest.fixture
def tables(catalogued, tmp_path) -> SparkTables:
    (tmp_path / "warehouse").mkdir()
    STAYS.write_parquet(tmp_path / "warehouse" / "stays.parquet")
    return SparkTables(Warehouse(tmp_path / "warehouse"), lambda: catalogued)


def stays(table="core.stays", **source) -> FeatureSet:
    made = {"table": table, "event_time": "ts", "event_id": "id", "start_date": "2026-01-01"}
    made |= {"select": {"twice": "nights * 2"}, "where": "status = 'ok'"} | source
    return FeatureSet(
        name="stays",
        owner="team:homes",
        keys=["home"],
        source=EventSource(**made),
        aggregations=[Aggregation("twice", "sum", ["1d"]), Aggregation("nights", "last", ["7d"])],
    )


def test_a_table_of_the_catalogue_reads_as_the_file_beside_it(tables):
    read = tables.scan("core.stays").select("home", "ts", "id").collect().sort("id", "ts")
    assert read.equals(STAYS.select("home", "ts", "id").sort("id", "ts"))
    assert tables.scan("core.stays").filter(pl.col("nights") > 57).collect().height == 2
    assert tables.fingerprint("core.stays") == "unversioned:core.stays"
    with pytest.raises(UnknownNameError, match=r"Did you mean 'core.stays'"):
        tables.scan("core.stay")


def test_tasks_clean_as_one_process_does_and_backfills_are_equal(tables, tmp_path, catalogued):
    memory = Memory(1 << 30, tmp_path / "spill")
    engine = SparkEngine(memory, master="local[2]")
    assert engine.session is catalogued
    hive, ours = stays(), DeltaOfflineStore(tmp_path / "ours")
    counts = engine.backfill(hive, DAYS, tables, ours)
    theirs = DeltaOfflineStore(tmp_path / "theirs")
    assert counts == backfill(stays("stays"), DAYS, tables.warehouse, theirs)
    assert sum(counts.values()) == 45
    end = T0 + timedelta(days=4)
    # The order of equals within a day is nobody's.
    one, other = (store.scan("stays", T0, end).collect().sort("event_id") for store in (ours, theirs))
    assert one.equals(other)
    left = STAYS.select("home", t=pl.col("ts") + timedelta(hours=5))
    reader = StoreRows(ours)
    with engine.joined(left, [hive.on()], reader, "t", ["home"]) as (rows, reports):
        found = rows.collect()
    values, report = values_at(left, hive.on(), reader.rows(hive, T0, end), "t")
    assert found.drop("home").equals(values)
    assert reports == [report]
    assert list((tmp_path / "spill").iterdir()) == []


def test_a_query_of_type_hive_runs_in_spark_as_in_duckdb_where_both_understand_it(tables):
    asked = stays(
        "", query=QUERY.replace("date_add('{{end_date}}', 1)", "'{{end_date}}'"), dependencies=["stays"]
    )
    hive = stays("", query=QUERY, dependencies=["stays"], type="hive")
    end = T0 + timedelta(days=3)
    one = SourceRows(tables).rows(hive, T0, end)
    other = SourceRows(tables.warehouse).rows(asked, T0, end)
    assert one.sort("event_id").equals(other.sort("event_id"))
    broken = stays("", query="SELECT nothing FROM stays", dependencies=["stays"], type="hive")
    with pytest.raises(DefinitionError, match="Spark's SQL"):
        SourceRows(tables).rows(broken, T0, end)


def test_two_events_of_one_id_are_refused_wherever_they_are_read(tables, tmp_path, catalogued):
    hive = stays(select={"twice": "nights * 2", "id": "1"})
    engine = SparkEngine(Memory(1 << 30, tmp_path / "spill"), master="local[2]")
    store = DeltaOfflineStore(tmp_path / "ours")
    with pytest.raises(DataError, match="names different events"):
        engine.backfill(hive, DAYS, tables, store)
    assert store.version("stays") == -1
