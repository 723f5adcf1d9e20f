"""Images before and after changes, and operations with a sequence: a stream in any order says what the table says."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from orders import HOUR, LOG, TIME, B, Tables, orders, sent

from bighead.pipeline_lib.features import Mutations
from bighead.pipeline_lib.point_in_time import answers_at, clean
from bighead.pipeline_lib.point_in_time.spans import mutations_before
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher

TABLE = {**LOG, "old": pl.Boolean, "n": pl.Int64}
KEYS = ["a", "b"]
images, operations = (
    replace(orders, name=name, source=replace(orders.source, mutations=declared))
    for name, declared in (
        ("images", Mutations("made", is_before="old", sequence="n")),
        ("operations", Mutations("made", operation="op", sequence="n")),
    )
)
# Of each of two rows what it becomes, some hours after the change before, heard of some hours later.
histories = st.lists(
    st.lists(
        st.tuples(
            st.none() | st.tuples(st.sampled_from(KEYS), st.integers(-5, 5), st.integers(0, 9)),
            st.integers(0, 3),
            st.integers(0, 5),
        ),
        max_size=6,
    ),
    min_size=1,
    max_size=2,
)


def told(histories, by_images: bool) -> list[dict]:
    found, n = [], 0
    for id, history in enumerate(histories):
        row, made = None, -6
        for new, later, late in history:
            made += later
            times = {"made": B + made * HOUR, "heard": B + (made + late) * HOUR}
            if row is not None and (by_images or new is None):
                found.append(mutation(id, row if by_images else None, "d", True, n, times))
            if new is not None:
                found.append(mutation(id, new, "u" if row else "c", False, n + 1, times))
            row, n = new, n + 2
    return found


def mutation(id, row, op, old, n, times) -> dict:
    k, ts, x = row or (None, None, None)
    happened = None if ts is None else B + ts * HOUR
    return {"id": id, "k": k, "ts": happened, "x": x, **times, "op": op, "old": old, "n": n}


def table(rows: list[dict]) -> pl.DataFrame:
    return pl.DataFrame([[each[name] for name in TABLE] for each in rows], schema=TABLE, orient="row")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([images, operations]), histories, st.randoms(use_true_random=False), st.integers(1, 4),
    st.integers(0, 12), st.booleans(),
)  # fmt: skip
def test_a_stream_in_any_order_says_what_the_table_says(
    feature_set, histories, random, batches, midnight, again
):
    rows = told(histories, feature_set is images)
    sending = [*rows, *rows[:2]]
    random.shuffle(sending)
    with tempfile.TemporaryDirectory() as folder:
        store = LmdbOnlineStore(Path(folder) / "online")
        streams = Streams(Path(folder) / "streams", store)

        def upload(known, at):
            store.put_generation(
                feature_set, at, mutations_before(feature_set, Tables(table(known)), None, at), {}
            )

        upload([], B - 8 * HOUR)
        for part in range(batches):
            if sending[part::batches]:
                streams.ingest("orders", [sent(each) for each in sending[part::batches]])
        if again:
            upload(rows, B + (midnight - 6) * HOUR)
            upload(rows, B + (midnight - 3) * HOUR)
        fetcher = OnlineFetcher(store, streams)
        for hour in range(midnight - 6 if again else -7, 12, 3):
            at = B + hour * HOUR
            left = pl.DataFrame({"k": KEYS, AT: [at] * 2}, schema={"k": pl.String, AT: TIME})
            offline = answers_at(left, feature_set.on(), clean(table(rows), feature_set), AT).values
            found = fetcher.fetch([feature_set.on()], [{"k": key} for key in KEYS], microseconds(at))
            assert [dict(each) for each in found.features] == offline.to_dicts()
        streams.close()
        store.close()
