"""`POST /v1/feature-sets/{name}/events` of rows that change: deletes, moves, images, envelopes, and what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from litestar.testing import TestClient

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.point_in_time.clean_mutations import cleaned_mutations
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.stream import Streams
from bighead.serving.app import create_app
from bighead.serving.feature_fetchers.online import OnlineFetcher

TIME = pl.Datetime("us", "UTC")
SCHEMA = {"id": pl.String, "home": pl.String, "ts": TIME, "price": pl.Float64, "made": TIME, "n": pl.Int64}
SCHEMA |= {"op": pl.String, "old": pl.Boolean}
MIDNIGHT = datetime(2013, 11, 21, tzinfo=UTC)


def stays(name: str, mutations: Mutations) -> FeatureSet:
    source = EventSource("log", "ts", stream=name, event_id="id", mutations=mutations)
    prices = [Aggregation("price", "sum", windows=["1d"])]
    return FeatureSet(name=name, owner="t", keys=["home"], source=source, aggregations=prices)


BY_OPERATION = stays("operations", Mutations("made", operation="op", sequence="n"))
BY_IMAGE = stays("images", Mutations("made", is_before="old", sequence="n"))
IN_ENVELOPES = stays("captured", Mutations("made", operation="op", sequence="n", envelope="debezium"))


@pytest.fixture
def world(settings):
    """A client, and the sum of a home's prices at an hour by the set."""
    store = LmdbOnlineStore(settings.online)
    for each in (BY_OPERATION, BY_IMAGE, IN_ENVELOPES):
        empty = cleaned_mutations(pl.LazyFrame(schema=SCHEMA), each, each.source, "the log")
        store.put_generation(each, MIDNIGHT, empty, {})
    streams = Streams(settings.online / "streams", store)

    def total(feature_set, home, hour):
        at = microseconds(MIDNIGHT.replace(hour=hour))
        found = OnlineFetcher(store, streams).fetch([feature_set.on()], [{"home": home}], at).features[0]
        return found[f"{feature_set.name}_price_sum_1d"]

    with TestClient(create_app(settings.under("replay:2013-11-22T00:00Z"))) as client:
        yield client, total
    streams.close()
    store.close()


def at(hour: int) -> str:
    return f"2013-11-21T{hour:02}:00:00Z"


def row(id, home, price, hour=1) -> dict:
    return {"id": id, "home": home, "ts": at(hour), "price": price}


def post(client, name, events):
    return client.post(f"/v1/feature-sets/{name}/events", json=events)


def test_a_delete_by_id_takes_a_row_back_and_what_comes_twice_counts_once(world):
    client, total = world
    deleted = {"id": "s", "made": at(6), "op": "delete", "n": 3}
    sent = [
        {**row("s", "loft", 5.0), "made": at(2), "op": "insert", "n": 1},
        {**row("s", "barn", 7.0), "made": at(4), "op": "update", "n": 2},
        deleted,
    ]
    assert post(client, "operations", sent).json()["accepted"] == 3
    assert [total(BY_OPERATION, "loft", hour) for hour in (3, 5, 7)] == [5.0, None, None]
    assert [total(BY_OPERATION, "barn", hour) for hour in (3, 5, 7)] == [None, 7.0, None]
    again = post(client, "operations", [deleted])
    assert (again.status_code, again.json()["accepted"], again.json()["duplicates"]) == (200, 0, 1)
    # A delete without the row that it takes back waits for it.
    assert post(client, "operations", [{**deleted, "id": "t"}]).status_code == 200
    assert post(client, "operations", [{**sent[0], "id": "t"}]).status_code == 200
    assert [total(BY_OPERATION, "loft", hour) for hour in (3, 5, 7)] == [10.0, 5.0, None]


def test_wrong_mutations_are_refused_one_by_one_and_kept(world):
    client, total = world
    good = {**row("s", "loft", 5.0), "made": at(2), "op": "insert", "n": 1}
    without_price = {name: value for name, value in good.items() if name != "price"}
    wrong = [
        ({**good, "op": "remove"}, "'remove'"),
        (without_price, "lacks the column 'price'"),
        ({**good, "price": "dear"}, "'price' is str"),
        ({**good, "made": "noon"}, "'made' is no instant"),
        ({**good, "n": "first"}, "'n' is str"),
        ({"id": None, "made": at(3), "op": "delete", "n": 2}, "'id' is null"),
        ({"id": "s", "op": "delete", "n": 2}, "lacks the column 'made'"),
    ]
    answer = post(
        client, "operations", [good, *(each for each, _ in wrong), {**good, "surplus": 1, "id": "t"}]
    )
    assert (answer.status_code, answer.json()["accepted"]) == (207, 2)
    refused = answer.json()["refused"]
    assert [each["row"] for each in refused] == list(range(1, 1 + len(wrong)))
    for told, (_, reason) in zip(refused, wrong, strict=True):
        assert reason in told["reason"]
    assert total(BY_OPERATION, "loft", 3) == 10.0
    assert post(client, "operations", [wrong[0][0]]).status_code == 422


def test_images_and_envelopes_come_by_the_same_way(world):
    client, total = world
    first, second = row("s", "loft", 5.0), row("s", "barn", 7.0)
    pictured = [
        {**first, "made": at(2), "old": False, "n": 1},
        {**first, "made": at(4), "old": True, "n": 2},
        {**second, "made": at(4), "old": False, "n": 3},
        {"id": "s", "made": at(6), "old": True, "n": 4},
    ]
    assert post(client, "images", pictured).json()["accepted"] == 4

    def change(op, hour, lsn, before, after):
        made = microseconds(MIDNIGHT.replace(hour=hour)) // 1000
        return {
            "op": op,
            "before": before,
            "after": after,
            "ts_ms": made,
            "source": {"ts_ms": made, "lsn": lsn},
        }

    enveloped = [
        change("c", 2, 1, None, first),
        change("u", 4, 2, first, second),
        change("d", 6, 3, second, None),
    ]
    answer = post(client, "captured", [*enveloped, {"op": "t", "ts_ms": 5}])
    assert (answer.status_code, answer.json()["accepted"]) == (207, 3)
    assert "truncated" in answer.json()["refused"][0]["reason"]
    for each in (BY_IMAGE, IN_ENVELOPES):
        assert [total(each, "loft", hour) for hour in (3, 5, 7)] == [5.0, None, None]
        assert [total(each, "barn", hour) for hour in (3, 5, 7)] == [None, 7.0, None]


def test_a_set_that_reads_a_stream_of_mutations_as_rows_is_not_uploaded(settings):
    store = LmdbOnlineStore(settings.online)
    empty = cleaned_mutations(pl.LazyFrame(schema=SCHEMA), BY_OPERATION, BY_OPERATION.source, "the log")
    store.put_generation(BY_OPERATION, MIDNIGHT, empty, {})
    rows = replace(BY_OPERATION, name="rows", source=replace(BY_OPERATION.source, mutations=None))
    with pytest.raises(DefinitionError, match="stream of its own"):
        store.put_generation(rows, MIDNIGHT, empty, {})
    store.close()
