from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from bighead.pipeline_lib.errors import DefinitionError, RequestError, SchemaError
from bighead.pipeline_lib.features import Aggregation, CalendarSource, EntitySource, EventSource, FeatureSet
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds, set_id
from bighead.resources.online_store import Applied, Generation, OnlineRows, OnlineStore, no_generation

B = datetime(2013, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
UTC_US = pl.Datetime("us", "UTC")
clicks = FeatureSet(
    name="clicks",
    owner="team:test",
    keys=["user", "shop"],
    source=EventSource(table="clicks", stream="clicks", event_time="event_time", event_id="event_id"),
    aggregations=[Aggregation("amount", "sum", windows=["1d"])],
)
SCHEMA = {
    "user": pl.String(),
    "shop": pl.Int64(),
    "event_time": UTC_US,
    "available_at": UTC_US,
    "event_id": pl.String(),
    "amount": pl.Float64(),
}


def rows(*given) -> pl.DataFrame:
    """Each row: user, shop, hours after B, id, amount."""
    values = [
        (user, shop, B + hours * HOUR, B + hours * HOUR, name, amount)
        for user, shop, hours, name, amount in given
    ]
    return pl.DataFrame(values, schema=SCHEMA, orient="row")


class MemoryOnlineStore:
    """The plainest store that keeps the contract: frames in dicts, filtered at each fetch."""

    def __init__(self):
        self.sets, self.kept, self.tail = {}, {}, {}
        self.forget_streams()

    def forget_streams(self):
        self.tail, self.streamed, self.done = {}, {}, {}

    def put_generation(self, feature_set, midnight, frame, source_versions):
        if isinstance(feature_set.source, CalendarSource):
            raise DefinitionError("a calendar.")
        if feature_set.source.stream and not feature_set.source.event_id:
            raise DefinitionError("no event_id.")
        if not set(SCHEMA) <= set(frame.columns):
            raise SchemaError("lacks a column.")
        if frame.filter(pl.col("event_time") >= midnight).height:
            raise SchemaError("not before midnight.")
        name, at = set_id(feature_set), microseconds(midnight)
        self.sets[name] = feature_set
        generations = {
            **self.kept.get(name, {}),
            at: (frame.drop_nulls(list(feature_set.keys)), dict(source_versions)),
        }
        self.kept[name] = dict(sorted(generations.items(), reverse=True)[:2])
        return Generation(at, self.kept[name][at][0].height, source_versions)

    def definitions(self):
        return dict(self.sets)

    def generations(self, feature_set):
        return [
            Generation(at, frame.height, said)
            for at, (frame, said) in self.kept.get(set_id(feature_set), {}).items()
        ]

    def schema(self, feature_set):
        for frame, _ in self.kept.get(set_id(feature_set), {}).values():
            return frame.schema
        raise no_generation(feature_set, 0, [])

    def fetch(self, feature_set, keys, at):
        name = set_id(feature_set)
        kept = self.kept.get(name, {})
        chosen = next((midnight for midnight in kept if midnight <= at), None)
        if chosen is None:
            raise no_generation(feature_set, at, list(kept))
        frame = kept[chosen][0]
        wanted = [tuple(key) for key in keys]
        mine = frame.filter(
            pl.Series([row[: len(feature_set.keys)] in wanted for row in frame.iter_rows()], dtype=pl.Boolean)
        )
        ids = set(mine["event_id"])
        tail = [
            row
            for row in self.tail.get(name, [])
            if row[: len(feature_set.keys)] in wanted
            and microseconds(row[frame.columns.index("event_time")]) <= at
            and (
                microseconds(row[frame.columns.index("event_time")]) >= chosen
                or row[frame.columns.index("event_id")] not in ids
            )
        ]
        merged = pl.concat([mine, pl.DataFrame(tail, schema=frame.schema, orient="row")])
        return OnlineRows(merged, chosen, self.done.get(name, 0))

    def known(self, stream, ids):
        return {each for each in ids if (stream, each) in self.streamed}

    def apply(self, applied):
        for name, (frame, positions) in applied.rows.items():
            fresh = [
                row
                for row, at in zip(frame.iter_rows(), positions, strict=True)
                if at >= self.done.get(name, 0)
            ]
            self.tail.setdefault(name, []).extend(fresh)
        self.streamed.update({(applied.stream, each): at for each, at in applied.ids.items()})
        self.done.update({**applied.ends, "": applied.end})

    def ends(self, stream):
        return {"": self.done.get("", 0), **{name: self.done.get(name, 0) for name in self.sets}}

    def close(self):
        pass


@pytest.fixture(params=["lmdb", "memory"])
def store(request, tmp_path) -> OnlineStore:
    opened = LmdbOnlineStore(tmp_path) if request.param == "lmdb" else MemoryOnlineStore()
    yield opened
    opened.close()


def names(fetched: OnlineRows) -> list[str]:
    return sorted(fetched.frame["event_id"].to_list())


def stream(frame: pl.DataFrame, first: int = 0) -> Applied:
    positions = list(range(first, first + frame.height))
    end = first + frame.height
    ids = dict(zip(frame["event_id"], positions, strict=True))
    return Applied("clicks", end, ids, {set_id(clicks): (frame, positions)}, {set_id(clicks): end})


def test_a_key_gets_its_own_rows_of_the_newest_generation_not_after_t(store):
    store.put_generation(clicks, B - 24 * HOUR, rows(("ann", 1, -30, "old", 1.0)), {"clicks": "1"})
    store.put_generation(
        clicks, B, rows(("ann", 1, -30, "old", 1.0), ("ann", 1, -3, "new", 1.0), ("ann", 2, -3, "x", 1.0)), {}
    )
    at = microseconds(B)
    assert names(store.fetch(clicks, [("ann", 1)], at)) == ["new", "old"]
    assert names(store.fetch(clicks, [("ann", 1), ("ann", 2), ("bob", 1)], at)) == ["new", "old", "x"]
    assert names(store.fetch(clicks, [("bob", 1)], at)) == []
    before = store.fetch(clicks, [("ann", 1)], at - 1)
    assert (names(before), before.midnight) == (["old"], microseconds(B - 24 * HOUR))
    assert store.fetch(clicks, [("bob", 1)], at).frame.schema == SCHEMA
    assert [g.source_versions for g in store.generations(clicks)] == [{}, {"clicks": "1"}]


def test_two_generations_are_kept_and_an_instant_before_them_is_refused(store):
    for day in range(4):
        store.put_generation(clicks, B + day * 24 * HOUR, rows(("ann", 1, -1, f"e{day}", 1.0)), {})
    assert [g.midnight for g in store.generations(clicks)] == [
        microseconds(B + d * 24 * HOUR) for d in (3, 2)
    ]
    assert names(store.fetch(clicks, [("ann", 1)], microseconds(B + 60 * HOUR))) == ["e2"]
    with pytest.raises(RequestError, match="is kept from 2013-11-04") as refused:
        store.fetch(clicks, [("ann", 1)], microseconds(B + 47 * HOUR))
    assert refused.value.status == 422


def test_uploading_a_midnight_again_replaces_it(store):
    store.put_generation(clicks, B, rows(("ann", 1, -1, "wrong", 1.0), ("bob", 1, -1, "gone", 1.0)), {})
    store.put_generation(clicks, B, rows(("ann", 1, -1, "right", 1.0)), {})
    assert names(store.fetch(clicks, [("ann", 1), ("bob", 1)], microseconds(B))) == ["right"]
    assert len(store.generations(clicks)) == 1


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
    assert store.known("clicks", ["late", "nobody"]) == {"late"}
    assert store.known("other", ["late"]) == set()
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


def test_forgotten_streams_leave_the_generations(store):
    store.put_generation(clicks, B, rows(("ann", 1, -5, "table", 1.0)), {})
    store.apply(stream(rows(("ann", 1, 1, "new", 1.0))))
    store.forget_streams()
    found = store.fetch(clicks, [("ann", 1)], microseconds(B + 2 * HOUR))
    assert (names(found), found.position) == (["table"], 0)
    assert store.known("clicks", ["new"]) == set()


def test_another_meaning_has_rows_of_its_own(store):
    store.put_generation(clicks, B, rows(("ann", 1, -5, "one", 1.0)), {})
    other = replace(clicks, version=2)
    with pytest.raises(RequestError, match="holds nothing of 'clicks'"):
        store.fetch(other, [("ann", 1)], microseconds(B))
    store.put_generation(other, B, rows(("ann", 1, -5, "two", 1.0)), {})
    assert names(store.fetch(clicks, [("ann", 1)], microseconds(B))) == ["one"]
    assert names(store.fetch(other, [("ann", 1)], microseconds(B))) == ["two"]
    assert set(store.definitions().values()) == {clicks, other}


def test_what_could_not_answer_rightly_is_not_uploaded(store):
    with pytest.raises(SchemaError):
        store.put_generation(clicks, B, rows(("ann", 1, 0, "late", 1.0)), {})
    with pytest.raises(SchemaError):
        store.put_generation(clicks, B, rows().drop("amount"), {})
    calendar = FeatureSet(name="hours", owner="t", keys=[], source=CalendarSource("UTC"))
    with pytest.raises(DefinitionError):
        store.put_generation(calendar, B, pl.DataFrame(), {})
    nameless = replace(clicks, source=EventSource(table="clicks", stream="clicks"))
    with pytest.raises(DefinitionError):
        store.put_generation(nameless, B, rows().drop("event_id"), {})


def test_the_index_outlives_its_process_and_old_files_go(tmp_path):
    store = LmdbOnlineStore(tmp_path)
    for day in range(5):
        store.put_generation(clicks, B + day * 24 * HOUR, rows(("ann", 1, -1, f"e{day}", 1.0)), {})
    store.apply(stream(rows(("ann", 1, 97, "new", 1.0))))
    store.close()
    again = LmdbOnlineStore(tmp_path)
    assert names(again.fetch(clicks, [("ann", 1)], microseconds(B + 98 * HOUR))) == ["e4", "new"]
    assert len(list((tmp_path / "generations").rglob("*.arrow"))) == 2
    again.close()


def test_a_covered_event_leaves_the_tail_when_no_kept_generation_needs_it(tmp_path):
    store = LmdbOnlineStore(tmp_path)
    store.put_generation(clicks, B, rows(), {})
    store.apply(stream(rows(("ann", 1, 1, "covered", 1.0), ("ann", 1, 2, "never", 1.0))))
    for day in (1, 2):
        store.put_generation(clicks, B + day * 24 * HOUR, rows(("ann", 1, 1, "covered", 1.0)), {})
    with store._environment.begin() as reading:
        assert reading.stat(store._tail)["entries"] == 1
    assert names(store.fetch(clicks, [("ann", 1)], microseconds(B + 48 * HOUR))) == ["covered"]
    store.close()


def test_a_snapshot_without_the_key_is_seen_to_exist(tmp_path):
    """The newest snapshot lacks ann: her older row must not count, so a row of the newest must be fetched too."""
    planes = FeatureSet(
        name="planes", owner="t", keys=["user"], source=EntitySource(table="p"), columns=["seats"]
    )
    schema = {"user": pl.String(), "event_time": UTC_US, "available_at": UTC_US, "seats": pl.Int64()}
    first, second = B - 48 * HOUR, B - 24 * HOUR
    frame = pl.DataFrame(
        [("ann", first, first, 1), ("bob", first, first, 2), ("bob", second, second, 3)],
        schema=schema,
        orient="row",
    )
    store = LmdbOnlineStore(tmp_path)
    store.put_generation(planes, B, frame, {})
    found = store.fetch(planes, [("ann",)], microseconds(B)).frame
    assert found["event_time"].unique().sort().to_list() == [first, second]
    assert found.is_unique().all()
    store.close()
