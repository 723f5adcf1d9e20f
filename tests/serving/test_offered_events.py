"""`POST /v1/feature-sets/{name}/events`: each event for itself, with what JSON can only say as text."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import polars as pl
import pytest
from litestar.testing import TestClient

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.stream import Streams
from bighead.serving.app import create_app
from bighead.serving.feature_fetchers.online import OnlineFetcher

UTC_US = pl.Datetime("us", "UTC")
PATH = "/v1/feature-sets/stays/events"
PACK = {"Content-Type": "application/msgpack"}
stays = FeatureSet(
    name="stays",
    owner="t",
    keys=["home"],
    source=EventSource(table="stays", stream="stays", event_time="at", event_id="id"),
    aggregations=[
        Aggregation("price", "sum", windows=["1d"]),
        Aggregation("arrival", "last", windows=["1d"]),
        Aggregation("length", "sum", windows=["1d"]),
        Aggregation("token", "last", windows=["1d"]),
        Aggregation("marks", "count", windows=["1d"]),
    ],
)
SCHEMA = {
    "home": pl.String,
    "event_time": UTC_US,
    "available_at": UTC_US,
    "event_id": pl.String,
    "price": pl.Decimal(12, 2),
    "arrival": pl.Date,
    "length": pl.Duration("us"),
    "token": pl.Binary,
    "marks": pl.List(pl.Int64),
}
GOOD = {
    "home": "loft",
    "at": "2013-11-21T10:00:00Z",
    "id": "a",
    "price": "12.50",
    "arrival": "2013-12-24",
    "length": "PT36H",
    "token": base64.b64encode(b"\xff\x00").decode(),
    "marks": [1, None, 3],
}


@pytest.fixture
def store(settings):
    opened = LmdbOnlineStore(settings.online)
    opened.put_generation(stays, datetime(2013, 11, 21, tzinfo=UTC), pl.DataFrame(schema=SCHEMA), {})
    yield opened
    opened.close()


@pytest.fixture
def client(settings, store):
    with TestClient(create_app(settings.under("replay:2013-11-22T00:00Z"))) as opened:
        yield opened


def features(settings, store):
    streams = Streams(settings.online / "streams", store)
    at = (datetime(2013, 11, 21, 12, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )
    return OnlineFetcher(store, streams).fetch([stays.on()], [{"home": "loft"}], at).features[0]


def test_what_was_acknowledged_is_seen_by_the_next_fetch_in_its_own_types(client, settings, store):
    answer = client.post(PATH, json=[GOOD, {**GOOD, "id": "b", "price": 2, "arrival": None}])
    assert answer.status_code == 200
    assert answer.json() == {
        "feature_set": "stays", "stream": "stays", "accepted": 2, "duplicates": 0, "position": 2, "refused": [],
    }  # fmt: skip
    assert features(settings, store) == {
        "stays_price_sum_1d": Decimal("14.50"),
        "stays_arrival_last_1d": date(2013, 12, 24),
        "stays_length_sum_1d": timedelta(hours=72),
        "stays_token_last_1d": b"\xff\x00",
        "stays_marks_count_1d": 4,
    }


def test_a_wrong_event_is_refused_with_its_place_and_reason_and_kept_as_a_dead_letter(
    client, settings, store
):
    wrong = [
        {**GOOD, "id": "b", "price": 1.5},
        {name: value for name, value in GOOD.items() if name != "arrival"},
        {**GOOD, "id": "c", "length": "an hour"},
        {**GOOD, "id": "d", "home": None},
        {**GOOD, "id": "e", "at": "noon"},
    ]
    answer = client.post(PATH, content=msgspec.msgpack.encode([GOOD, *wrong, GOOD]), headers=PACK)
    told = msgspec.msgpack.decode(answer.content)
    assert (answer.status_code, told["accepted"], told["duplicates"]) == (207, 1, 1)
    seen = [(each["row"], each["column"]) for each in told["refused"]]
    assert seen == [(1, "price"), (2, "arrival"), (3, "length"), (4, None), (5, "at")]
    assert "a decimal as '1.50'" in told["refused"][0]["reason"]
    letters = Streams(settings.online / "streams", store).dead_letters("stays")
    assert [msgspec.msgpack.decode(each.value) for each in letters] == wrong
    assert [each.reason for each in letters] == [each["reason"] for each in told["refused"]]
    assert told["position"] == 1 + len(wrong)
    assert features(settings, store)["stays_price_sum_1d"] == Decimal("12.50")
    metrics = client.get("/metrics").text
    assert 'bighead_stream_events_total{kind="refused",stream="stays"} 5.0' in metrics


def test_dead_letters_are_resent_once_the_types_are_repaired_and_each_counts_once(client, settings, store):
    odd = [
        GOOD | {"id": name, "marks": ["five"], "price": price} for name, price in (("b", "1.00"), ("c", "x"))
    ]
    assert client.post(PATH, json=[GOOD, *odd]).status_code == 207
    stays_dead = client.post("/v1/streams/stays/dead-letters/resend").json()
    assert (stays_dead["accepted"], [each["row"] for each in stays_dead["refused"]]) == (0, [1, 2])
    repaired = SCHEMA | {"marks": pl.List(pl.String)}
    store.put_generation(stays, datetime(2013, 11, 21, tzinfo=UTC), pl.DataFrame(schema=repaired), {})
    again = client.post("/v1/streams/stays/dead-letters/resend").json()
    assert again["accepted"] == 1
    assert [(each["row"], "price" in each["reason"]) for each in again["refused"]] == [(2, True)]
    assert client.post("/v1/streams/stays/dead-letters/resend").json()["duplicates"] == 1
    assert client.post("/v1/streams/stayz/dead-letters/resend").status_code == 404


def test_where_nothing_can_be_taken_the_answer_is_a_422_and_the_way_for_old_events_is_named(client):
    answer = client.post(PATH, json={"events": [GOOD], "sent_at": "2013-11-01T00:00:00Z"})
    (refused,) = answer.json()["refused"]
    assert (answer.status_code, answer.json()["accepted"], refused["column"]) == (422, 0, "sent_at")
    assert "features/stays/online" in refused["reason"]


def test_a_set_without_a_stream_is_a_404_with_the_nearest_name(client):
    answer = client.post("/v1/feature-sets/stay/events", json=[GOOD])
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_feature_set")
    assert "'stays'" in answer.json()["error"]["cure"]
    assert client.post(PATH, json=[]).json()["error"]["code"] == "wrong_shape"


def test_the_index_rebuilt_from_the_log_is_the_same(client, settings, store):
    client.post(PATH, json=[GOOD, {**GOOD, "id": 5}])
    before = features(settings, store)
    store.forget_streams()
    assert features(settings, store) == before
