"""Batches of hours are cleaned in this process where Spark is the engine: its tasks leave files of days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.features.batch_grain import HOURLY
from bighead.pipeline_lib.point_in_time import Memory
from bighead.resources import spark_engine
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.sources import Warehouse

D = datetime(2013, 11, 1, tzinfo=UTC)


def test_hours_are_written_with_their_rows_and_no_session_is_opened(tmp_path, monkeypatch):
    def refused(*_):
        raise AssertionError("Spark was asked")

    monkeypatch.setattr(spark_engine, "open_session", refused)
    (tmp_path / "warehouse").mkdir()
    times = [D + timedelta(minutes=25 * n) for n in range(60)]
    pl.DataFrame({"user": "ann", "ts": times, "n": 1}).write_parquet(
        tmp_path / "warehouse" / "clicks.parquet"
    )
    clicks = FeatureSet(
        name="clicks",
        owner="t",
        keys=["user"],
        source=EventSource("clicks", "ts", start_date="2013-11-01"),
        aggregations=[Aggregation("n", "sum", ["1d"])],
        batch="1h",
    )
    store, hours = DeltaOfflineStore(tmp_path / "offline"), HOURLY.between(times[0], times[-1])
    engine = spark_engine.SparkEngine(Memory(1 << 30, tmp_path / "spill"))
    counts = engine.backfill(clicks, hours, Warehouse(tmp_path / "warehouse"), store)
    assert counts == {hour: sum(HOURLY.holding(each) == hour for each in times) for hour in hours}
    assert store.scan("clicks", D, D + timedelta(days=3)).collect().height == 60
