"""One contract for every online store: generations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from clicks import HOUR, SCHEMA, UTC_US, B, clicks, names, rows, stream

from bighead.pipeline_lib.errors import DefinitionError, RequestError, SchemaError
from bighead.pipeline_lib.features import Aggregation, CalendarSource, EntitySource, EventSource, FeatureSet
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds, set_id
from bighead.resources.online_store import Applied


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


@pytest.mark.parametrize("store", ["lmdb", "redis"], indirect=True)
def test_values_of_every_type_come_back_as_they_were(store):
    at, zone = B - HOUR, ZoneInfo("Europe/Berlin")
    one = {
        "key": date(1969, 12, 31),
        "event_time": at,
        "available_at": at,
        "event_id": 2**63 - 1,
        "naive": datetime(1812, 1, 1, microsecond=1),
        "zoned": datetime(2013, 10, 27, 2, 30, fold=1, tzinfo=zone),
        "nano": datetime(1969, 12, 31, 23, 59),
        "span": timedelta(days=-1, microseconds=1),
        "clock": time(23, 59, 59, 999999),
        "exact": Decimal("-12345678901234567890.123456789"),
        "kind": "b",
        "raw": b"\x00\xff",
        "real": float("-inf"),
        "many": ["a", None],
        "pair": {"x": 1, "y": None},
    }
    schema = {
        "key": pl.Date(),
        "event_time": UTC_US,
        "available_at": UTC_US,
        "event_id": pl.Int64(),
        "naive": pl.Datetime("us"),
        "zoned": pl.Datetime("ms", "Europe/Berlin"),
        "nano": pl.Datetime("ns"),
        "span": pl.Duration("us"),
        "clock": pl.Time(),
        "exact": pl.Decimal(38, 9),
        "kind": pl.Enum(["a", "b"]),
        "raw": pl.Binary(),
        "real": pl.Float32(),
        "many": pl.List(pl.String()),
        "pair": pl.Struct({"x": pl.Int8(), "y": pl.Boolean()}),
    }
    typed = replace(
        clicks, keys=["key"], aggregations=[Aggregation(name, "last") for name in list(schema)[4:]]
    )
    nulls = one | dict.fromkeys(list(schema)[4:]) | {"event_id": 7}
    table = pl.DataFrame([one, nulls], schema=schema)
    late = table.with_columns(pl.col("event_id") - 8, pl.col("event_time", "available_at") + 2 * HOUR)
    store.put_generation(typed, B, table, {})
    store.apply(Applied("clicks", 2, rows={set_id(typed): (late, [0, 1])}, ends={set_id(typed): 2}))
    found = store.fetch(typed, [(date(1969, 12, 31),)], microseconds(B + 3 * HOUR)).frame
    expected = pl.concat([table, late])
    assert found.schema == expected.schema
    assert found.sort("event_id").equals(expected.sort("event_id"))


@pytest.mark.parametrize("store", ["lmdb", "redis"], indirect=True)
def test_a_snapshot_without_the_key_is_seen_to_exist(store):
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
    store.put_generation(planes, B, frame, {})
    found = store.fetch(planes, [("ann",)], microseconds(B)).frame
    assert found["event_time"].unique().sort().to_list() == [first, second]
    assert found.is_unique().all()
