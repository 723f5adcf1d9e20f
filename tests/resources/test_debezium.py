"""Debezium's envelopes and tombstones as mutations: one rule at a time, then any of them against their flat table."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from debezium import captured, change, message, row
from hypothesis import given, settings
from hypothesis import strategies as st
from orders import HOUR, LOG, TIME, B, Tables

from bighead.pipeline_lib.errors import DefinitionError, RequestError
from bighead.pipeline_lib.point_in_time import answers_at, clean
from bighead.pipeline_lib.point_in_time.spans import mutations_before
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.online_store import Consumed
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher

TABLE = {**LOG, "n": pl.Int64}
TOTAL = "captured_x_sum_unbounded"


def table(rows: list[dict]) -> pl.DataFrame:
    return pl.DataFrame([[each[name] for name in TABLE] for each in rows], schema=TABLE, orient="row")


class World:
    """A store with an empty generation, its streams, and a sum by key and hour."""

    def __init__(self, folder: Path, feature_set=captured):
        self.set, self.store = feature_set, LmdbOnlineStore(folder / "online")
        self.streams = Streams(folder / "streams", self.store)
        self.upload([], B)
        self.fetcher = OnlineFetcher(self.store, self.streams)

    def upload(self, rows, midnight):
        found = mutations_before(self.set, Tables(table(rows)), None, midnight)
        self.store.put_generation(self.set, midnight, found, {})

    def take(self, *messages):
        return self.streams.take("orders", messages)[0]

    def total(self, key, hour):
        found = self.fetcher.fetch([self.set.on()], [{"k": key}], microseconds(B + hour * HOUR))
        return found.features[0][TOTAL]

    def reasons(self):
        return [each.reason for each in self.streams.dead_letters("orders")]

    def close(self):
        self.streams.close()
        self.store.close()


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("wrapped", [True, False])
def test_rows_are_read_created_updated_and_deleted(world, wrapped):
    first, second = row(1, "a", 1, 5), row(1, "b", 1, 6)
    world.take(
        message(0, 1, change("r", 2, 10, None, first, wrapped=wrapped)),
        message(1, 2, change("c", 2, 11, None, row(2, "a", 1, 1), wrapped=wrapped)),
        message(2, 1, change("u", 4, 12, first, second, wrapped=wrapped)),
        message(3, 1, change("d", 6, 13, second, None, wrapped=wrapped)),
        message(4, 1, None),
    )
    assert world.reasons() == []
    assert [world.total("a", hour) for hour in (2, 3, 5, 7)] == [None, 6, 1, 1]
    assert [world.total("b", hour) for hour in (3, 5, 7)] == [None, 6, None]
    assert world.streams.consumed("orders")[0] == Consumed(5, 4, 1, 0), "the delete had said it"


def test_without_the_image_before_a_change_the_key_names_the_row(world):
    world.take(
        message(0, 1, change("c", 2, 10, None, row(1, "a", 1, 5))),
        message(1, 1, change("u", 4, 11, None, row(1, "b", 1, 6))),
        message(2, 1, change("d", 6, 12, None, None)),
        message(3, 2, change("c", 2, 13, None, row(2, "a", 1, 7))),
        # Of a row deleted by its key alone PostgreSQL tells the key.
        message(4, 2, change("d", 8, 14, {"id": 2, "k": None, "ts": None, "x": None}, None)),
    )
    assert world.reasons() == []
    assert [world.total("a", hour) for hour in (3, 5, 9)] == [12, 7, None]
    assert [world.total("b", hour) for hour in (3, 5, 7)] == [None, 6, None]


def test_what_was_sent_again_and_changes_of_one_instant_go_by_the_log_s_position(world):
    created = change("c", 2, 10, None, row(1, "a", 1, 5))
    again = {**created, "payload": {**created["payload"], "ts_ms": created["payload"]["ts_ms"] + 7}}
    world.take(
        message(0, 1, change("u", 2, 12, None, row(1, "a", 1, 7))),
        message(1, 1, change("u", 2, 11, None, row(1, "a", 1, 6))),
        message(2, 1, created),
        message(3, 1, again),
        message(4, 1, created),
    )
    assert [world.total("a", hour) for hour in (2, 3)] == [None, 7]


def test_a_tombstone_counts_by_itself_only_where_its_delete_is_not_there(world):
    world.take(message(0, 1, change("c", 2, 10, None, row(1, "a", 1, 5))))
    world.take(message(7, 1, None, hour=4))
    assert [world.total("a", hour) for hour in (3, 5)] == [5, None]
    # The connector lags: the row was created anew before the tombstone was written.
    world.take(message(8, 2, change("c", 2, 20, None, row(2, "b", 1, 5))))
    world.take(message(9, 2, change("d", 3, 21, row(2, "b", 1, 5), None, late=9)))
    world.take(message(10, 2, None, hour=12))
    world.take(message(11, 2, change("c", 6, 22, None, row(2, "b", 1, 4), late=9)))
    assert [world.total("b", hour) for hour in (11, 13, 20)] == [5, None, 4]
    assert world.reasons() == []


REFUSED = {
    "truncated": {"op": "t", "before": None, "after": None, "source": {"ts_ms": 5}},
    "message of the database's log": {"op": "m", "message": {}, "ts_ms": 5},
    "change of the table's schema": {"source": {}, "ddl": "ALTER TABLE orders ADD y INT", "tableChanges": []},
    "no envelope of Debezium: op is None": {"status": "BEGIN", "id": "571", "event_count": None},
    "no envelope of Debezium: op is 'x'": {"op": "x", "before": None, "after": {}},
    "after of an envelope with op 'u' is NoneType": {
        "op": "u",
        "before": {"id": 1},
        "after": None,
        "ts_ms": 5,
    },
    "before of an envelope with op 'd' is list": {"op": "d", "before": [], "ts_ms": 5},
    "the payload of the envelope is str": {"schema": None, "payload": "row"},
    "has no time": change("c", 2, 10, None, row(1, "a", 1, 5))["payload"] | {"ts_ms": None, "source": None},
    "changes the id 'id' from 1 to 2": change("u", 2, 10, row(1, "a", 1, 5), row(2, "a", 1, 5)),
    "'ts' is no instant": change("c", 2, 10, None, row(1, "a", 1, 5))["payload"],
    "lacks the column 'x'": change("c", 2, 10, None, {"id": 1, "k": "a", "ts": 0}),
    "'x' is str": change("c", 2, 10, None, {**row(1, "a", 1, 0), "x": "many"}),
    "'noon' is no io.debezium.time.MicroTimestamp": change(
        "c", 2, 10, None, {**row(1, "a", 1, 0), "ts": "noon"}
    ),
}


def test_what_is_no_change_of_a_row_is_a_dead_letter_and_the_rest_goes_on(world):
    sent = []
    for number, bad in enumerate(REFUSED.values()):
        sent += [
            message(2 * number, 1, bad),
            message(2 * number + 1, 9, change("c", 2, 1, None, row(9, "a", 1, 5))),
        ]
    keyless = replace(message(len(sent), 1, None), key=None)
    other = replace(message(len(sent) + 1, 1, None), key=b'{"order": 1}')
    counts = world.take(*sent, keyless, other)
    for told, reason in zip(world.reasons(), [*REFUSED, "key says the id", "key lacks the id"], strict=True):
        assert reason in told
    assert counts == Consumed(len(sent) + 2, 1, len(REFUSED) - 1, len(REFUSED) + 2)
    assert world.total("a", 3) == 5
    assert world.streams.resend("orders").accepted == 0


def test_a_key_is_an_object_a_value_or_text(world):
    for offset, key in enumerate(
        [b'{"id": 1}', b"2", b'{"schema": {}, "payload": {"id": 3}}', b'{"payload": 4}']
    ):
        world.take(replace(message(offset, 0, change("d", 2, 1)), key=key))
    assert world.reasons() == []
    assert [each["payload"]["before"]["id"] for _, each in world.streams.read("orders")] == [1, 2, 3, 4]


def test_envelopes_may_be_posted_and_a_wrong_one_is_named(world):
    created = change("c", 2, 10, None, row(1, "a", 1, 5))
    assert world.streams.ingest("orders", [created, created]).accepted == 1
    assert world.streams.ingest("orders", [change("d", 4, 11, row(1, "a", 1, 5), None)]).accepted == 1
    assert [world.total("a", hour) for hour in (3, 5)] == [5, None]
    with pytest.raises(RequestError, match="event 1: the table was truncated") as refused:
        world.streams.ingest("orders", [created, REFUSED["truncated"]])
    assert refused.value.row == 1
    told = world.streams.offer("orders", [REFUSED["truncated"], change("c", 2, 12, None, row(2, "a", 1, 1))])
    assert (told.accepted, [each.row for each in told.refused]) == (1, [0])


changes = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from("ab"), st.integers(-9, 9), st.integers(0, 9), st.integers(-9, 9),
        st.integers(0, 4), st.sampled_from("cud"), st.booleans(), st.booleans(),
    ),
    max_size=10,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(changes, st.lists(st.integers(0, 16), min_size=1, max_size=3), st.integers(1, 4), st.booleans())
def test_envelopes_say_what_the_flat_table_says(rows, hours, batches, forget):
    flat, sent = [], []
    for n, (id, k, ts, x, made, late, op, told, wrapped) in enumerate(rows):
        image = row(id, k, ts, x)
        before, after = (image if told else None, None) if op == "d" else (None, image)
        sent.append(message(n, id, change(op, made, n, before, after, late, wrapped)))
        gone = {"k": None, "ts": None, "x": None} if op == "d" else {"k": k, "ts": B + ts * HOUR, "x": x}
        times = {"made": B + made * HOUR, "heard": B + (made + late) * HOUR}
        flat.append({"id": id, **gone, **times, "op": op, "n": n})
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for part in range(batches):
            each = sent[part::batches]
            if each:
                world.streams.take("orders", [replace(m, partition=part) for m in each])
        if forget:
            world.store.forget_streams()
        assert world.reasons() == []
        for hour in hours:
            at = B + hour * HOUR
            left = pl.DataFrame({"k": ["a", "b"], AT: [at] * 2}, schema={"k": pl.String, AT: TIME})
            offline = answers_at(left, captured.on(), clean(table(flat), captured), AT)
            asked = [{"k": "a"}, {"k": "b"}]
            online = world.fetcher.fetch([captured.on()], asked, microseconds(at))
            assert [dict(each) for each in online.features] == offline.values.to_dicts()
        world.close()


def test_a_set_that_reads_the_stream_otherwise_is_not_uploaded(world):
    rows = replace(captured, name="rows", source=replace(captured.source, mutations=None))
    frame = clean(table([]).lazy(), rows)
    with pytest.raises(DefinitionError, match=r"brings rows to 'rows' and .* of debezium to 'captured'"):
        world.store.put_generation(rows, B, frame, {})
    world.take(message(0, 1, change("c", 2, 10, None, row(1, "a", 1, 5))))
    assert world.total("a", 3) == 5


def test_the_bytes_of_any_envelope_are_an_event_or_a_dead_letter(world):
    whole = json.dumps(change("u", 2, 10, row(1, "a", 1, 4), row(1, "a", 1, 5))).encode()
    cut = [replace(message(n, 1, None), value=whole[: n * 40]) for n in range(1, len(whole) // 40)]
    counts = world.take(*cut)
    assert counts.dead == len(cut)
