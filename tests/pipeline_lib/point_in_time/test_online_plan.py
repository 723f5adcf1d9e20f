"""A plan answers what `answers_at` does: over random sets, rows, tails and times, values and statuses alike."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_sets import SCHEMA, T0, agrees, frame_of, questions, rows_of, sets

from bighead.pipeline_lib.features import Aggregation, EntitySource, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.features.operations import EXACT, OPERATIONS
from bighead.pipeline_lib.point_in_time import answers_at, clean
from bighead.pipeline_lib.point_in_time.online_plan import online_plan
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds, set_id
from bighead.resources.online_store import Applied
from bighead.serving.feature_fetchers import online
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher

DAY = timedelta(days=1)
MIDNIGHT = datetime(2013, 3, 1, tzinfo=UTC)
FLAT = ["x", "n", "b", "s", "d"]


def flat(feature_set: FeatureSet) -> FeatureSet:
    """The set without what plans leave to `answers_at`, where anything remains."""
    kept = [each for each in feature_set.aggregations if each.column in FLAT and not each.buckets]
    kept = kept or [Aggregation("x", "sum", ["7d", "1h"], name="kept")]
    typed = {name: each for name, each in feature_set.types.items() if name in {a.column for a in kept}}
    return replace(feature_set, aggregations=kept, types=typed)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_plan_answers_what_a_table_would(streamed):
    planned = []

    @settings(max_examples=60, deadline=None)
    @given(
        sets(),
        rows_of,
        questions,
        st.sampled_from([None, "2h", "30d"]),
        st.sampled_from(["null", "keep"]),
        st.lists(st.timedeltas(timedelta(0), 2 * DAY), min_size=1, max_size=2),
        st.data(),
    )
    def law(feature_set, listed, asked, max_age, on_stale, lates, data):
        feature_set = flat(feature_set)
        aged = {} if max_age is None else {"max_age": max_age, "on_stale": on_stale}
        source = replace(feature_set.source, stream="rows") if streamed else feature_set.source
        feature_set = replace(feature_set, source=source, **aged)
        in_table = data.draw(st.lists(st.integers(0, 2), min_size=len(listed), max_size=len(listed)))
        planned.append(
            agree(feature_set, clean(frame_of(listed), feature_set), asked, lates, in_table, streamed)
        )

    law()
    assert sum(planned) > len(planned) / 2


def agree(feature_set, rows, asked, lates, in_table, streamed) -> bool:
    """Hold a plan to `answers_at`; of each row, 0 is in the table, 1 in the tail, 2 in both; return if it is one."""
    ref = feature_set.on()
    ids = dict(enumerate(in_table))
    placed = pl.Series([ids[number] for number in rows["event_id"].to_list()], dtype=pl.Int64)
    before = rows["event_time"] < MIDNIGHT
    rows, placed, before = (each if streamed else each.filter(before) for each in (rows, placed, before))
    held = before & (placed != 1) if streamed else before
    with tempfile.TemporaryDirectory() as folder:
        store = LmdbOnlineStore(Path(folder) / "online")
        streams = SimpleNamespace(ensure=lambda stream, name: 0)
        store.put_generation(feature_set, MIDNIGHT, rows.filter(held), {})
        if streamed:
            tail, name = rows.filter(~held | (placed == 2)), set_id(feature_set)
            store.apply(
                Applied(
                    "rows",
                    tail.height,
                    rows={name: (tail, range(tail.height))} if tail.height else {},
                    ends={name: tail.height},
                )
            )
        fetcher = OnlineFetcher(store, streams, tail_buffer=10**18)  # type: ignore[arg-type]
        plan = online_plan(ref, store.places(feature_set, [], microseconds(MIDNIGHT)).frame)
        # Also the very instants at which rows happen and become known, where the boundary tells.
        edges = {at for name in ("event_time", "available_at") for at in rows[name] if at >= MIDNIGHT}
        times = {max(T0 + offset, MIDNIGHT) for _, offset in asked} | {MIDNIGHT + late for late in lates}
        for at in times | set(sorted(edges)[:3]):
            keys = [{"k": key} for key, _ in asked]
            schema = {"k": pl.String, AT: SCHEMA["ts"]}
            left = pl.DataFrame([(each["k"], at) for each in keys], schema=schema, orient="row")
            expected = answers_at(left, ref, rows, AT)
            with patch.object(online, "answers_at", wraps=answers_at) as table:
                got = fetcher.fetch([ref], keys, microseconds(at))
            assert table.called == (plan is None)
            told = [
                {n: s for n, s in each.items() if s != "present"} for each in expected.statuses.to_dicts()
            ]
            assert got.statuses == told
            for served, offline in zip(got.features, expected.values.to_dicts(), strict=True):
                for feature in ref.features:
                    exact = OPERATIONS[feature.operation].exactness == EXACT
                    assert agrees(served[feature.name], offline[feature.name], 0 if exact else 1e-9), feature
        store.close()
    return plan is not None


def clicks(*aggregations: Aggregation, **source) -> FeatureSet:
    told = EventSource(table="rows", event_time="ts", available_at="known", event_id="id", **source)
    return FeatureSet(name="f", owner="t", keys=["k"], source=told, aggregations=aggregations)


SUM = Aggregation("n", "sum", ["1h"])
MUTATIONS = Mutations("mutated", operation="op", sequence="lsn")


@pytest.mark.parametrize(
    ("feature_set", "is_taken"),
    [
        (clicks(SUM), True),
        (clicks(SUM, stream="s"), True),
        (clicks(Aggregation("s", "histogram", ["1h"])), True),
        (clicks(SUM, Aggregation("xs", "sum", ["1h"])), False),
        (clicks(Aggregation("m", "sum", ["1h"])), False),
        (clicks(Aggregation("n", "sum", ["1h"], buckets=["city"])), False),
        (clicks(Aggregation("n", "sum", ["calendar:1d"])), False),
        (clicks(Aggregation("d", "max", ["1h"])), False),
        (clicks(SUM, mutations=MUTATIONS), False),
        (FeatureSet(name="f", owner="t", keys=["k"], source=EntitySource(table="p"), columns=["n"]), False),
    ],
)
def test_a_plan_is_made_of_flat_events_with_plain_results(feature_set, is_taken):
    raw = (
        frame_of([])
        if isinstance(feature_set.source, EventSource)
        else pl.DataFrame(schema={"k": pl.String, "ds": pl.String, "n": pl.Int64})
    )
    assert (online_plan(feature_set.on(), clean(raw, feature_set)) is not None) == is_taken


def test_a_new_generation_answers_at_once_and_an_older_instant_by_the_older_one(tmp_path):
    feature_set = clicks(Aggregation("n", "sum", ["unbounded"]), Aggregation("n", "last_2", ["1h"], empty=()))
    store = LmdbOnlineStore(tmp_path)
    fetcher, ref = OnlineFetcher(store, SimpleNamespace()), feature_set.on()  # type: ignore[arg-type]
    row = {name: None for name in SCHEMA} | {
        "id": 1,
        "k": "a",
        "ts": MIDNIGHT - DAY,
        "known": MIDNIGHT - DAY,
        "n": 2,
    }
    rows = clean(pl.DataFrame([row], schema=SCHEMA), feature_set)

    def sums(at: datetime) -> list:
        found = fetcher.fetch([ref], [{"k": "a"}, {"k": "b"}], microseconds(at)).features
        assert [each["f_n_last2_1h"] for each in found] == [[], []]
        found[0]["f_n_last2_1h"].append("of this answer only")
        return [each["f_n_sum_unbounded"] for each in found]

    store.put_generation(feature_set, MIDNIGHT, rows, {})
    assert sums(MIDNIGHT) == [2, None]
    again = rows.with_columns(n=pl.lit(5, pl.Int32))
    store.put_generation(feature_set, MIDNIGHT, again, {})
    assert sums(MIDNIGHT) == [5, None]
    store.put_generation(
        feature_set, MIDNIGHT + DAY, pl.concat([again, again.with_columns(event_id=pl.lit(2, pl.Int64))]), {}
    )
    assert (sums(MIDNIGHT + DAY), sums(MIDNIGHT)) == ([10, None], [5, None])
    store.close()
