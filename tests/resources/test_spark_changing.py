"""Rows that change, mutated events, intervals of facts, deletes, come out of Spark's tasks as out of one process."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spark_joiner import ROOM, SOME, compare

from bighead.pipeline_lib.features import Aggregation, EntitySource, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.point_in_time import Memory, StoreRows, backfill, clean, values_at
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.sources import Warehouse
from bighead.resources.spark_engine import SparkEngine

sys.path.insert(0, str(Path(__file__).parents[1] / "pipeline_lib"))
import random_sets

T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAYS = [date(2013, 3, 1) + timedelta(days=n) for n in range(10)]
TIME = pl.Datetime("us", "UTC")
CHANGES = Mutations("changed", operation="op", sequence="n")

orders = FeatureSet(
    name="orders",
    owner="t",
    keys=["k"],
    source=EventSource("orders", "ts", event_id="id", mutations=CHANGES, start_date="2013-03-01"),
    aggregations=[
        Aggregation("x", operation, ["1d", "sliding:3d", "unbounded"])
        for operation in ("count", "sum", "min", "max", "last_2", "unique_count", "p50")
    ],
)
hosts = FeatureSet(
    name="hosts",
    owner="t",
    keys=["k"],
    source=EntitySource("hosts", mutations=Mutations("changed", operation="op", sequence="n")),
    columns=["tier"],
)
leases = FeatureSet(
    name="leases",
    owner="t",
    keys=["k"],
    source=EntitySource("leases", valid_from="since", valid_to="until"),
    columns=["rent"],
)


def moments(random, size: int, days: float) -> pl.Expr:
    return (pl.lit(T0) + pl.duration(minutes=pl.Series(random.integers(0, int(days * 1_440), size)))).cast(
        TIME
    )


def log(size: int) -> pl.DataFrame:
    """Orders, a third of one key, and what became of them: other values, times and keys, and deletes."""
    random, told = np.random.default_rng(5), []
    for place, (op, rows) in enumerate({"c": size, "u": size // 2, "d": size // 4}.items()):
        key = np.where(random.random(rows) < 1 / 3, 0, random.integers(0, 30, rows))
        ids = np.arange(rows) if op == "c" else random.integers(0, size, rows)
        frame = pl.DataFrame({"id": ids, "n": place * size + np.arange(rows), "k": key})
        frame = frame.with_columns(ts=moments(random, rows, 10), x=pl.Series(random.gamma(2.0, 5.0, rows)))
        late = pl.duration(minutes=pl.Series(random.integers(0, 10_000, rows)))
        frame = frame.with_columns(changed=pl.col("ts") + late, op=pl.lit(op))
        # A delete says no more than what it deletes.
        told.append(frame.with_columns(pl.lit(None).alias(name) for name in ("k", "ts", "x") if op == "d"))
    return pl.concat(told, how="vertical_relaxed")


def facts(size: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Mutations of hosts, and leases of which one follows another."""
    random = np.random.default_rng(6)
    changes = pl.DataFrame({"k": random.integers(0, 30, size), "n": range(size)}).with_columns(
        tier=pl.col("n") % 4,
        changed=moments(random, size, 10),
        op=pl.Series(random.choice(["c", "u", "d"], size)),
    )
    ends = pl.DataFrame({"k": random.integers(0, 30, size)}).with_columns(since=moments(random, size, 9))
    ends = ends.unique(["k", "since"]).sort("k", "since")
    until = pl.when(pl.col("rent") % 3 == 0).then(pl.col("since") + pl.duration(minutes=1))
    following = pl.col("since").shift(-1).over("k")
    leases = ends.with_columns(rent=pl.int_range(pl.len())).with_columns(until=until.otherwise(following))
    return changes, leases


def questions(size: int) -> pl.DataFrame:
    random = np.random.default_rng(8)
    key = np.where(random.random(size) < 1 / 3, 0, random.integers(0, 31, size))
    frame = pl.DataFrame({"k": key, "id": range(size)})
    return frame.with_columns(t=moments(random, size, 14), k=pl.when(pl.col("k") != 3).then("k"))


@settings(max_examples=1, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(random_sets.sets(changing=True), random_sets.rows_of), min_size=4, max_size=4),
    random_sets.questions,
)
def test_random_definitions_over_random_mutations_come_out_equal(joiner, made, asked):
    named = {f"f{n}": (replace(each, name=f"f{n}"), rows) for n, (each, rows) in enumerate(made)}
    rows = {
        name: clean(random_sets.frame_of(told, changing=True), each) for name, (each, told) in named.items()
    }
    left, refs = random_sets.left_of([*asked, asked[0]]), [each.on() for each, _ in named.values()]
    found, _ = joiner.joined(left, refs, rows, least_part=1)
    for ref in refs:
        compare(ref, found, values_at(left, ref, rows[ref.set.name], "t")[0], left, rows[ref.set.name])


@pytest.mark.parametrize(("memory", "least_part"), [(ROOM, ROOM), (ROOM, SOME), (1 << 17, 1)])
def test_mutated_events_mutated_facts_and_intervals_stand_beside_each_other(joiner, memory, least_part):
    changes, lent = facts(600)
    rows = {
        "orders": clean(log(2_000), orders),
        "hosts": clean(changes, hosts),
        "leases": clean(lent, leases),
    }
    assert all(each["available_to"].null_count() not in (0, each.height) for each in rows.values())
    left, refs = questions(700), [orders.on(), hosts.on(), leases.on()]
    found, reports = joiner.joined(left, refs, rows, ["id"], memory=memory, least_part=least_part)
    assert found["id"].equals(left["id"])
    for ref, told in zip(refs, reports, strict=True):
        values, report = values_at(left, ref, rows[ref.set.name], "t")
        assert found.select(ref.columns()).schema == values.schema
        compare(ref, found, values, left, rows[ref.set.name])
        assert (told.rows, told.null_keys) == (report.rows, report.null_keys)
    assert found["hosts_tier"].null_count() not in (0, found.height)
    assert found["leases_rent"].null_count() not in (0, found.height)


@pytest.mark.parametrize("feature_set", [orders, hosts, leases], ids=lambda each: each.name)
def test_backfills_by_tasks_store_the_versions_of_one_process_and_touched_days_again(
    feature_set, spark, tmp_path
):
    changes, lent = facts(600)
    table = {"orders": log(2_000), "hosts": changes, "leases": lent}[feature_set.name]
    tables, engine = (
        Warehouse(tmp_path / "warehouse"),
        SparkEngine(Memory(ROOM, tmp_path / "spill"), master="local[2]"),
    )
    tables.root.mkdir()
    stores = [DeltaOfflineStore(tmp_path / name) for name in ("ours", "theirs")]
    # What the last rows say touches days that were stored without them.
    half = table.filter(pl.col("n") < pl.col("n").quantile(0.7)) if "n" in table.columns else table
    for rows in (half, table):
        rows.write_parquet(tables.root / f"{feature_set.name}.parquet")
        wanted = DAYS if rows is half else DAYS[:1]
        counts = [
            compute(feature_set, wanted, tables, store)
            for compute, store in zip((engine.backfill, backfill), stores, strict=True)
        ]
        assert counts[0] == counts[1]
        assert sum(counts[0].values()) > 0
    stored = [StoreRows(store).scan(feature_set, T0, T0 + timedelta(days=10)).collect() for store in stores]
    one, other = (each.sort(each.columns) for each in stored)
    assert one.equals(other)
    kept = clean(table, feature_set, T0, T0 + timedelta(days=10)).select(one.columns)
    assert one.equals(kept.sort(kept.columns))
