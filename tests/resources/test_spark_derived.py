"""Features derived from others, and sets that are built on sets, come out of Spark as out of one process."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    Categorical,
    ChainedSource,
    EntitySource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    Tensor,
    TrainingSet,
)
from bighead.pipeline_lib.features.catalog import Catalog
from bighead.pipeline_lib.point_in_time import Memory, StoreRows, backfill, features_at, training_rows
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.sources import Warehouse
from bighead.resources.spark_engine import SparkEngine

T0 = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(8)]

sellers = FeatureSet(
    name="sellers",
    owner="team:shop",
    keys=["seller"],
    source=EventSource("ratings", "at", start_date="2024-01-01"),
    aggregations=[
        *(Aggregation("stars", each, ["2d", "unbounded"]) for each in ("sum", "count", "max")),
        Aggregation("look", "last_k", ["unbounded"], k=2),
        Aggregation("mood", "mode", ["unbounded"]),
    ],
    types={"look": Tensor([1, 2], "int64"), "mood": Categorical(["good", "rest"], unknown="rest")},
    derivations={"mean": "stars_sum_2d / stars_count_2d", "shine": "mean * 2 - stars_max_2d"},
)
buyers = FeatureSet(
    name="buyers",
    owner="team:shop",
    keys=["buyer"],
    source=ChainedSource(
        EventSource("orders", "ts", event_id="id", start_date="2024-01-01"),
        ["sellers"],
        select={"worth": "price * sellers_stars_max_2d"},
    ),
    aggregations=[Aggregation("worth", "sum", ["3d"]), Aggregation("worth", "count", ["3d"])],
    derivations={"each": "worth_sum_3d / worth_count_3d"},
)
offers = TrainingSet(
    name="offers",
    left=LeftTable("offers", known={"seller": "0s", "buyer": "0s"}),
    timestamp="at",
    row_id="row",
    features=["sellers", "buyers", "clock", "profiles"],
    label=Label("sold", horizon="1d"),
    derivations={"both": "sellers_shine + buyers_each"},
)


# Built on a training set: its derivations, a calendar and facts come along.
chances = FeatureSet(
    name="chances",
    owner="team:shop",
    keys=["seller"],
    source=ChainedSource(
        "offers", select={"chance": "both * CASE WHEN clock_hour < 12 THEN 1 ELSE 2 END + profiles_tier"}
    ),
    aggregations=[Aggregation("chance", "sum", ["3d"]), Aggregation("both", "last", ["unbounded"])],
)
clock = FeatureSet(
    name="clock", owner="team:shop", keys=[], source=CalendarSource("Europe/Paris", fields=["hour"])
)
profiles = FeatureSet(
    name="profiles",
    owner="team:shop",
    keys=["seller"],
    source=EntitySource("profiles", landing="1h"),
    columns=["tier"],
)


def table(size: int, seed: int, **columns) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    minutes = pl.Series(random.integers(0, 8 * 1_440, size))
    frame = pl.DataFrame({name: random.integers(0, most, size) for name, most in columns.items()})
    return frame.with_columns(at=(pl.lit(T0) + pl.duration(minutes=minutes)).cast(pl.Datetime("us", "UTC")))


def test_derived_features_and_chained_sets_are_joined_and_backfilled_alike(spark, tmp_path, monkeypatch):
    tables = Warehouse(tmp_path)
    catalog = Catalog([sellers, buyers, chances, clock, profiles], [offers])
    named, asking = catalog.feature_sets, catalog.training_sets["offers"]
    ratings = table(900, 1, seller=20, stars=6).with_columns(
        look=pl.Series([[[one, other]] for one, other in zip(range(900), range(900, 1800), strict=True)]),
        mood=pl.when(pl.col("stars") > 3).then(pl.lit("good")).otherwise(pl.lit("bad")),
    )
    ratings.write_parquet(tmp_path / "ratings.parquet")
    orders = table(600, 2, seller=20, buyer=15, price=90).rename({"at": "ts"}).with_row_index("id")
    orders.write_parquet(tmp_path / "orders.parquet")
    table(250, 4, seller=22, buyer=17).with_row_index("row").write_parquet(tmp_path / "offers.parquet")
    days = [day - timedelta(days=1) for day in DAYS]
    facts = [{"ds": day, "seller": n, "tier": (day.day + n) % 4} for day in days for n in range(20)]
    pl.DataFrame(facts).write_parquet(tmp_path / "profiles.parquet")
    dealt: list[int] = []
    by_tasks = SparkEngine.joined

    def counted(self, left, *given):
        dealt.append(left.height)
        return by_tasks(self, left, *given)

    monkeypatch.setattr(SparkEngine, "joined", counted)
    engine = SparkEngine(Memory(1 << 30, tmp_path / "spill"), master="local[2]", least_part=1)
    stores = [DeltaOfflineStore(tmp_path / name) for name in ("ours", "theirs")]
    for each in (named[name] for name in ("sellers", "buyers", "profiles", "chances")):
        counts = [
            compute(each, DAYS, tables, store)
            for compute, store in zip((engine.backfill, backfill), stores, strict=True)
        ]
        assert counts[0] == counts[1]
        one, other = (
            StoreRows(store).scan(each, T0, T0 + timedelta(days=8)).collect().sort(pl.all())
            for store in stores
        )
        assert one.equals(other)
        assert one.height > 150
    # Both chained sets' rows met their features in Spark's tasks, and found some.
    assert sum(dealt) == 600 + 250
    assert one["chance"].drop_nulls().len() > 100
    left = table(300, 3, seller=22, buyer=17).with_row_index("row")
    refs, reader = asking.refs, StoreRows(stores[0])
    found, reports = features_at(left, refs, reader, "at", None, engine)
    values, expected = features_at(left, refs, reader, "at")
    assert found.equals(values)
    assert found["sellers_look_last2_unbounded"].drop_nulls().len() > 200
    assert reports == expected
    assert all(found[name].null_count() < 290 for name in ("sellers_shine", "buyers_each"))
    rows = training_rows(asking, left.with_columns(sold=pl.lit(1)), reader, engine.memory, engine)
    alone = training_rows(asking, left.with_columns(sold=pl.lit(1)), reader, engine.memory)
    with rows as on_spark, alone as by_one:
        joined = on_spark.collect()
        assert joined.equals(by_one.collect())
    assert joined["both"].null_count() < 290
