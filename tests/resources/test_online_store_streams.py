"""One contract for every online store: what streams add to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bighead_kernels import rows_before
from clicks import HOUR, B, clicks, names, rows, stream

from bighead.pipeline_lib.errors import ConflictError
from bighead.resources.online_rows import microseconds, set_id
from bighead.resources.online_store import Applied, Consumed, Known
from bighead.resources.redis_online_store import RedisOnlineStore


def test_streamed_rows_join_the_generation_each_event_once(store):
    store.put_generation(clicks, B, rows(("ann", 1, -5, "table", 1.0)), {})
    store.apply(
        stream(
            rows(
                ("ann", 1, -5, "table", 1.0),
                ("ann", 1, -4, "late", 1.0),
                ("ann", 1, 1, "new", 1.0),
                ("bob", 1, 1, "bob", 1.0),
            )
        )
    )
    found = store.fetch(clicks, [("ann", 1)], microseconds(B + 2 * HOUR))
    assert (names(found), found.position) == (["late", "new", "table"], 4)
    assert names(store.fetch(clicks, [("ann", 1)], microseconds(B + HOUR) - 1)) == ["late", "table"]
    assert store.known("clicks", ["late", "nobody"]) == Known(frozenset({"late"}), 4)
    assert store.known("other", ["late"]) == Known(frozenset(), 0)
    assert store.ends("clicks") == {"": 4, set_id(clicks): 4}


def test_a_late_row_stays_until_a_generation_covers_it(store):
    store.put_generation(clicks, B, rows(), {})
    store.apply(stream(rows(("ann", 1, -0.5, "late", 1.0))))
    store.put_generation(clicks, B + 24 * HOUR, rows(("ann", 1, 3, "table", 1.0)), {})
    for hours, expected in ((2, ["late"]), (19, ["late"]), (24, ["late", "table"])):
        assert names(store.fetch(clicks, [("ann", 1)], microseconds(B + hours * HOUR))) == expected
    store.put_generation(
        clicks, B + 24 * HOUR, rows(("ann", 1, -0.5, "late", 1.0), ("ann", 1, 3, "table", 1.0)), {}
    )
    assert names(store.fetch(clicks, [("ann", 1)], microseconds(B + 24 * HOUR))) == ["late", "table"]


def test_the_same_step_twice_counts_once(store):
    store.put_generation(clicks, B, rows(), {})
    step = stream(rows(("ann", 1, 1, "a", 1.0)))
    store.apply(step)
    store.apply(step)
    assert names(store.fetch(clicks, [("ann", 1)], microseconds(B + 2 * HOUR))) == ["a"]


def test_a_step_beyond_the_index_is_refused_and_nothing_of_it_is_kept(store):
    store.put_generation(clicks, B, rows(), {})
    first, later = rows(("ann", 1, 1, "a", 1.0)), rows(("ann", 1, 2, "b", 1.0))
    store.apply(replace(stream(first), starts={"": 0, set_id(clicks): 0}))
    store.apply(replace(stream(later, 1), starts={"": 1, set_id(clicks): 1}))
    store.forget_streams()
    for name in ("", set_id(clicks)):
        with pytest.raises(ConflictError, match="ends at 0, and a step starts at 1"):
            store.apply(replace(stream(later, 1), starts={name: 1}))
    assert store.fetch(clicks, [("ann", 1)], microseconds(B + 3 * HOUR)).frame.is_empty()
    assert store.known("clicks", ["a", "b"]) == Known(frozenset(), 0)
    assert store.ends("clicks") == {"": 0, set_id(clicks): 0}


def test_what_became_of_a_topic_is_kept_with_the_rows_and_never_goes_back(store):
    store.put_generation(clicks, B, rows(), {})
    assert store.consumed("clicks") == (0, {})
    both = {0: Consumed(5, 3, 1, 1), 7: Consumed(1, dead=1)}
    store.apply(replace(stream(rows(("ann", 1, 1, "a", 1.0))), end=6, consumed=both))
    store.apply(replace(stream(rows(("ann", 1, 1, "a", 1.0))), end=4, consumed={0: Consumed(3, 3)}))
    assert store.consumed("clicks") == (6, both)
    assert store.consumed("other") == (0, {})
    assert both[0].total == 5
    store.forget_streams()
    assert store.consumed("clicks") == (0, {})


def test_ids_are_dropped_by_their_arrival(store):
    store.apply(Applied("clicks", 3, {"a": -5, "b": 10, "c": 11}))
    store.apply(Applied("other", 1, {"a": -5}))
    assert store.forget_ids("clicks", 11) == 2
    assert store.known("clicks", ["a", "b", "c"]).ids == {"c"}
    assert store.known("other", ["a"]).ids == {"a"}
    store.apply(Applied("clicks", 4, {"a": 20}))
    assert store.forget_ids("clicks", 20) == 1
    assert store.known("clicks", ["a", "b", "c"]).ids == {"a"}
    assert store.forget_ids("clicks", 20) == 0


def test_forgotten_streams_leave_the_generations(store):
    store.put_generation(clicks, B, rows(("ann", 1, -5, "table", 1.0)), {})
    store.apply(stream(rows(("ann", 1, 1, "new", 1.0))))
    store.forget_streams()
    found = store.fetch(clicks, [("ann", 1)], microseconds(B + 2 * HOUR))
    assert (names(found), found.position) == (["table"], 0)
    assert store.known("clicks", ["new"]) == Known(frozenset(), 0)


def tail_length(store) -> int:
    if isinstance(store, RedisOnlineStore):
        client = store._connection.client
        return sum(client.zcard(key) for key in client.scan_iter(match=b"bighead:tail:*"))
    with store._environment.begin(buffers=True) as reading:
        runs = store._streams._rows.read(reading, set_id(clicks).encode())
        return sum(len(rows_before(run, 1 << 62)[0]) for run in runs)


@pytest.mark.parametrize("store", ["lmdb", "redis"], indirect=True)
def test_a_covered_event_leaves_the_tail_when_no_kept_generation_needs_it(store):
    store.put_generation(clicks, B, rows(), {})
    streamed = rows(("ann", 1, 1, "covered", 1.0), ("ann", 1, 2, "never", 1.0), ("bob", 1, 2, "bob", 1.0))
    store.apply(stream(streamed))
    for day in (1, 2):
        store.put_generation(clicks, B + day * 24 * HOUR, rows(("ann", 1, 1, "covered", 1.0)), {})
    assert tail_length(store) == 2
    assert names(store.fetch(clicks, [("ann", 1)], microseconds(B + 48 * HOUR))) == ["covered"]
