"""A replay of answers over rows that change sees the mutations that serving had, not those that came since."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from debezium import captured, change, row
from hypothesis import given, settings
from hypothesis import strategies as st
from orders import HOUR, B, Tables, frame, orders, record, sent, upload

from bighead.pipeline_lib.features import Mutations
from bighead.pipeline_lib.inference_log import InferenceRecord, RowRecord
from bighead.pipeline_lib.point_in_time import SourceRows
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.replay import replay_consistency
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import OnlineFetcher

# Mutations are known when they were made, however late the stream brings them.
prompt = replace(orders, name="prompt", source=replace(orders.source, available_at=None))
KEYS = [{"k": "a"}, {"k": "b"}]


class World:
    """A home whose clock is set, which logs its answers."""

    def __init__(self, folder: Path, feature_set=prompt):
        self.set, self.hour, self.records, self.table = feature_set, 0, [], []
        self.store = LmdbOnlineStore(folder / "online")
        self.streams = Streams(folder / "streams", self.store, self)
        self.fetcher = OnlineFetcher(self.store, self.streams)

    def now(self):
        return B + self.hour * HOUR

    def bring(self, *made) -> None:
        self.streams.ingest("orders", [sent(each) for each in made])
        self.table += made

    def upload(self) -> None:
        upload(self.store, self.set, self.table, B + self.hour // 24 * 24 * HOUR)

    def ask(self) -> None:
        at = microseconds(self.now())
        found = self.fetcher.fetch([self.set.on()], KEYS, at)
        answered = [
            RowRecord(k, {}, f, s, {}) for k, f, s in zip(KEYS, found.features, found.statuses, strict=True)
        ]
        told = (found.definitions, found.generations, found.positions)
        name = f"r{len(self.records)}"
        self.records.append(InferenceRecord(name, at, at, "m", 1, answered, *told, late=found.late))

    def replay(self, table=None, by_mutations=True):
        tables = Tables(frame(self.table if table is None else table))
        given = tables if by_mutations else None
        return replay_consistency(self.records, [self.set.on()], SourceRows(tables), self.streams, given)

    def close(self):
        self.streams.close()
        self.store.close()


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    made.table = [record(9, "b", -30, 2, -29, 0, "c")]
    made.upload()
    yield made
    made.close()


def test_what_came_after_an_answer_is_no_mismatch(world):
    world.hour = 5
    world.bring(record(1, "a", 1, 5, 2, 0, "c"))
    world.ask()
    world.hour = 7
    world.bring(
        record(1, "a", 1, 6, 3, 0, "u"), record(2, "a", 1, 1, 4, 0, "c"), record(9, "b", 0, 0, 1, 0, "d")
    )
    report = world.replay()
    assert (report.compared, report.mismatches) == (2 * len(prompt.features), ())
    assert not world.replay(by_mutations=False).consistent, "intervals alone say what was not there yet"
    world.ask()
    assert world.replay().consistent


def test_what_came_after_the_generation_s_midnight_was_not_in_it(world):
    world.bring(record(1, "a", -9, 5, -8, 0, "c"))
    world.hour = 25
    world.upload()
    world.hour = 30
    world.ask()
    # It was known before the midnight of the generation, and came five hours after: the table has it since.
    world.bring(record(1, "a", -9, 7, 20, 0, "u"), record(3, "b", -9, 7, 21, 0, "c"))
    assert world.replay().consistent
    world.ask()
    assert world.replay().consistent
    assert [each.rows[0].features["prompt_x_sum_unbounded"] for each in world.records] == [5, 7]


def test_a_row_that_changed_offline_since_is_found(world):
    world.hour = 5
    world.bring(record(1, "a", 1, 5, 2, 0, "c"))
    world.ask()
    other = [{**each, "x": 3} if each["id"] == 9 else each for each in world.table]
    report = world.replay(other)
    found = {each.feature: (each.row, each.served, each.replayed) for each in report.mismatches}
    assert found["prompt_x_sum_unbounded"] == (1, 2, 3)
    forged = replace_feature(world.records[0], "prompt_x_sum_unbounded", 6)
    world.records = [forged]
    assert [(each.served, each.replayed) for each in world.replay().mismatches] == [(6, 5)]


def replace_feature(record: InferenceRecord, name: str, value) -> InferenceRecord:
    first = record.rows[0]
    changed = RowRecord(first.keys, first.context, {**first.features, name: value}, first.statuses, {})
    return InferenceRecord(*(getattr(record, f) for f in record.__struct_fields__[:5]), [changed],
        record.definitions, record.generations, record.positions, late=record.late)  # fmt: skip


def test_envelopes_are_replayed(tmp_path):
    flat = Mutations("made", operation="op", sequence=None, envelope="debezium")
    source = replace(captured.source, mutations=flat, available_at=None)
    world = World(tmp_path, replace(captured, source=source))
    world.upload()
    world.hour = 5
    wrapped = [change("c", 2, 10, None, row(1, "a", 1, 5)), change("u", 3, 11, None, row(1, "b", 1, 6))]
    for each, told in zip(
        wrapped, [record(1, "a", 1, 5, 2, 0, "c"), record(1, "b", 1, 6, 3, 0, "u")], strict=True
    ):
        world.streams.ingest("orders", [each])
        world.table.append(told)
        world.ask()
    world.streams.ingest("orders", [change("d", 4, 12, row(1, "b", 1, 6), None)])
    world.table.append(record(1, None, None, None, 4, 0, "d"))
    report = world.replay()
    assert (report.compared, report.mismatches) == (4 * len(captured.features), ())
    world.close()


steps = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "bring", "bring", "bring", "upload"]), st.integers(0, 9),
        st.lists(
            st.tuples(
                st.integers(0, 2), st.sampled_from("ab"), st.integers(-9, 9), st.integers(0, 9),
                st.integers(0, 40), st.sampled_from("cud"),
            ), min_size=1, max_size=3,
        ),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(steps)
def test_any_answers_are_what_the_replay_gives(steps):
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.upload()
        for step, hours, rows in steps:
            world.hour += hours
            if step == "bring":
                # Made some hours ago.
                made = [record(id, k, ts, x, world.hour - ago, 0, op) for id, k, ts, x, ago, op in rows]
                world.bring(*made)
            elif step == "upload":
                world.upload()
            else:
                world.ask()
        assert world.replay().mismatches == ()
        world.close()
