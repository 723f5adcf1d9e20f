"""A Redis as a source: typed rows of a real server, and snapshots, which are all that training and uploads see."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
import redis

from bighead.pipeline_lib.clock import ReplayClock
from bighead.pipeline_lib.errors import (
    BigheadError,
    DataError,
    DefinitionError,
    SchemaError,
    StoreError,
    UnknownNameError,
)
from bighead.pipeline_lib.features import EntitySource, FeatureSet
from bighead.pipeline_lib.point_in_time import SourceRows, backfill, values_at
from bighead.resources.external_tables import FILE
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.redis_table import RedisTable
from bighead.resources.sources import Warehouse

COLUMNS = {
    "user": "integer",
    "name": "string",
    "tier": "integer",
    "score": "float",
    "is_host": "boolean",
    "born": "date",
    "seen": "timestamp",
}
FULL = {
    "name": "Ünal",
    "tier": 7,
    "score": 1.5,
    "is_host": True,
    "born": "1969-12-31",
    "seen": "2013-03-01T12:00:00+01:00",
}
READ = {
    **FULL,
    "user": 1,
    "born": date(1969, 12, 31),
    "seen": datetime(2013, 3, 1, 11, tzinfo=UTC),
}


class Clock:
    """A clock that is told the times it shows; the last one stays."""

    def __init__(self, *times: datetime) -> None:
        self.times = list(times)

    def now(self) -> datetime:
        return self.times.pop(0) if len(self.times) > 1 else self.times[0]


def on(day: int, hour: int = 23) -> Clock:
    return Clock(datetime(2013, 3, day, hour, tzinfo=UTC))


@pytest.fixture
def client(redis_url):
    opened = redis.Redis.from_url(redis_url)
    yield opened
    opened.close()


def as_hash(row: dict) -> dict:
    return {name: str(value) for name, value in row.items() if value is not None}


def read(table: RedisTable, size: int = 1_000) -> pl.DataFrame:
    return pl.concat(table.read(size))


def test_hashes_and_json_are_typed_rows(redis_url, client):
    client.hset("h:1", mapping={**as_hash(FULL), "more": "unread"})
    client.hset("h:2", mapping={"tier": "-3"})
    client.set("j:1", json.dumps({**FULL, "more": [1]}))
    client.set("j:2", json.dumps({"tier": -3, "name": None}))
    client.hset("h", mapping={"tier": "1"})
    client.hset("hx1", mapping={"tier": "1"})
    empty = dict.fromkeys(READ) | {"user": 2, "tier": -3}
    for prefix, kind in (("h:", "hash"), ("j:", "json")):
        table = RedisTable(redis_url, prefix, COLUMNS, kind, "user")
        found = read(table).sort("user")
        assert found.schema == table.schema
        assert found.to_dicts() == [{name: row[name] for name in found.columns} for row in (READ, empty)]


def test_a_prefix_means_itself(redis_url, client):
    for key in ("a*[b]:1", "axxb:2", "ab:3"):
        client.hset(key, mapping={"x": "1"})
    assert read(RedisTable(redis_url, "a*[b]:", {"x": "integer"}))["key"].to_list() == ["1"]


def test_many_keys_come_in_batches_each_once(redis_url, client):
    piped = client.pipeline()
    for n in range(5_000):
        piped.hset(f"u:{n}", mapping={"x": str(n)})
    piped.execute()
    frames = list(RedisTable(redis_url, "u:", {"x": "integer"}).read(700))
    assert len(frames) > 5
    assert all(frame.height <= 700 for frame in frames)
    found = pl.concat(frames)
    assert sorted(found["x"]) == list(range(5_000))
    assert (found["key"].cast(pl.Int64) == found["x"]).all()


def test_a_key_that_goes_while_it_is_read_is_left_out(redis_url, client, monkeypatch):
    client.hset("u:1", mapping={"x": "1"})
    client.hset("u:2", mapping={"x": "2"})
    rows = RedisTable._rows

    def late(self, connected, keys):
        client.delete("u:1")
        return rows(self, connected, keys)

    monkeypatch.setattr(RedisTable, "_rows", late)
    assert read(RedisTable(redis_url, "u:", {"x": "integer"}))["x"].to_list() == [2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tier", "abc"),
        ("tier", "1.5"),
        ("tier", "1_0"),
        ("tier", str(1 << 63)),
        ("score", "much"),
        ("is_host", "yes"),
        ("born", "31.12.1969"),
        ("seen", "2013-03-01T12:00:00"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(redis_url, client, name, value):
    client.hset("u:7", mapping={name: value})
    client.set("j:7", json.dumps({name: value}))
    for prefix, kind in (("u:", "hash"), ("j:", "json")):
        with pytest.raises(SchemaError, match=rf"field '{name}' of the key '{prefix}7'"):
            read(RedisTable(redis_url, prefix, COLUMNS, kind, "user"))


@pytest.mark.parametrize(
    ("name", "value"), [("tier", True), ("tier", 1.5), ("is_host", 1), ("name", 7), ("score", "x")]
)
def test_json_is_of_its_declared_type_and_not_nearly(redis_url, client, name, value):
    client.set("j:7", json.dumps({name: value}))
    with pytest.raises(SchemaError, match=f"field '{name}'"):
        read(RedisTable(redis_url, "j:", COLUMNS, "json", "user"))


def test_what_is_not_of_the_format_is_refused(redis_url, client):
    client.set("u:1", "[1]")
    with pytest.raises(SchemaError, match="'u:1' of Redis holds a string, and the table is of format 'hash'"):
        read(RedisTable(redis_url, "u:", {"x": "integer"}))
    with pytest.raises(SchemaError, match="Expected a JSON object"):
        read(RedisTable(redis_url, "u:", {"x": "integer"}, "json"))
    client.set("u:1", "{")
    with pytest.raises(SchemaError, match="is no JSON"):
        read(RedisTable(redis_url, "u:", {"x": "integer"}, "json"))
    client.hset("v:abc", mapping={"x": "1"})
    with pytest.raises(SchemaError, match="field 'user' of the key 'v:abc'"):
        read(RedisTable(redis_url, "v:", {"x": "integer", "user": "integer"}, key="user"))


def test_a_server_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(StoreError, match=r"Redis at 127\.0\.0\.1:1") as told:
        read(RedisTable("redis://:secret@127.0.0.1:1/0", "u:", {"x": "integer"}))
    assert "secret" not in str(told.value)


ENTRY = 'users: {{type: redis, url: "{url}", prefix: "u:", key: user, columns: {{tier: integer}}}}\n'
USERS = FeatureSet(name="users", owner="t", keys=["user"], source=EntitySource("users"), columns=["tier"])


def tables(folder, url: str) -> Warehouse:
    (folder / FILE).write_text(ENTRY.format(url=url))
    return Warehouse(folder)


def test_training_sees_snapshots_from_the_end_of_their_day_and_never_what_is_live(
    redis_url, client, tmp_path
):
    warehouse = tables(tmp_path, redis_url)
    with pytest.raises(StoreError, match="no snapshot of the table 'users' was taken yet"):
        warehouse.scan("users")
    client.hset("u:a", mapping={"tier": "1"})
    client.hset("u:b", mapping={"tier": "1"})
    first = warehouse.take("users", on(1, 3))
    assert (first.day, first.rows) == (date(2013, 3, 1), 2)
    client.hset("u:a", mapping={"tier": "2"})
    warehouse.take("users", on(1))
    client.hset("u:a", mapping={"tier": "3"})
    client.delete("u:b")
    version = warehouse.fingerprint("users")
    warehouse.take("users", on(3))
    assert warehouse.fingerprint("users") != version
    client.hset("u:a", mapping={"tier": "9"})
    assert warehouse.tables() == ["users"]
    kept = warehouse.scan("users").sort("ds", "user").collect()
    assert kept.rows() == [("a", 2, date(2013, 3, 1)), ("b", 1, date(2013, 3, 1)), ("a", 3, date(2013, 3, 3))]
    store = DeltaOfflineStore(tmp_path / "offline")
    backfill(USERS, [date(2013, 3, n) for n in range(1, 6)], warehouse, store)
    rows = SourceRows(warehouse).rows(USERS, None, datetime(2013, 3, 9, tzinfo=UTC))
    moments = [
        datetime(2013, 3, 1, 23, 30, tzinfo=UTC),
        datetime(2013, 3, 2, 1, tzinfo=UTC),
        datetime(2013, 3, 5, tzinfo=UTC),
    ]
    asked = pl.DataFrame([(user, at) for at in moments for user in "ab"], schema=["user", "t"], orient="row")
    asked = asked.with_columns(pl.col("t").dt.replace_time_zone("UTC"))
    got = values_at(asked, USERS.on(), rows, "t")[0]["users_tier"].to_list()
    assert got == [None, None, 2, 1, 3, None]


def test_nothing_is_kept_of_a_reading_that_fails(redis_url, client, tmp_path):
    warehouse = tables(tmp_path, redis_url)
    with pytest.raises(DataError, match="no key of Redis begins with 'u:'"):
        warehouse.take("users", on(1))
    client.hset("u:a", mapping={"tier": "1"})
    warehouse.take("users", on(1))
    kept = warehouse.scan("users").collect()
    before, after = on(1).now(), on(2, 0).now()
    with pytest.raises(StoreError, match="went on after the end of 2013-03-01"):
        warehouse.take("users", Clock(before, after))
    client.hset("u:b", mapping={"tier": "x"})
    with pytest.raises(SchemaError, match="not of the type integer"):
        warehouse.take("users", on(1))
    with pytest.raises(DefinitionError, match="only the present"):
        warehouse.take("users", ReplayClock(before + timedelta(days=9)))
    with pytest.raises(UnknownNameError, match="user"):
        warehouse.take("user", on(1))
    assert warehouse.scan("users").collect().equals(kept)


def test_a_column_that_was_added_is_null_in_older_snapshots(redis_url, client, tmp_path):
    client.hset("u:a", mapping={"tier": "1", "name": "Ann"})
    warehouse = tables(tmp_path, redis_url)
    warehouse.take("users", on(1))
    (tmp_path / FILE).write_text(
        ENTRY.format(url=redis_url).replace("tier: integer", "tier: integer, name: string")
    )
    assert warehouse.scan("users").collect()["name"].to_list() == [None]
    warehouse.take("users", on(2))
    assert warehouse.scan("users").sort("ds").collect()["name"].to_list() == [None, "Ann"]


@pytest.mark.parametrize(
    ("entry", "error", "told"),
    [
        ("{type: etcd}", UnknownNameError, "etcd"),
        ("{type: redis, url: r, prefix: p}", DefinitionError, "columns: {field: type}"),
        ("{type: redis, url: r, prefix: p, columns: [a]}", DefinitionError, "columns: {field: type}"),
        ("{type: redis, url: r, prefix: p, columns: {a: int}}", UnknownNameError, "integer"),
        ("{type: redis, url: r, prefix: p, column: {a: integer}}", UnknownNameError, "columns"),
        ("{type: redis, url: r, prefix: '', columns: {a: integer}}", DefinitionError, "prefix ''"),
        ("{type: redis, url: r, prefix: p, columns: {}}", DefinitionError, "type of each field"),
        ("{type: redis, url: r, prefix: p, format: set, columns: {a: integer}}", UnknownNameError, "hash"),
        ("{type: redis, url: r, prefix: p, format: json, columns: {a: bytes}}", DefinitionError, "no bytes"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(entry, error, told, tmp_path):
    (tmp_path / FILE).write_text(f"users: {entry}\n")
    with pytest.raises(BigheadError, match=told) as seen:
        Warehouse(tmp_path).scan("users")
    assert isinstance(seen.value, error)
