"""What a client is told whose events come after their ids were forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from litestar.testing import TestClient

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.serving.app import create_app

UTC_US = pl.Datetime("us", "UTC")
visits = FeatureSet(
    name="visits",
    owner="t",
    keys=["user"],
    source=EventSource(table="visits", stream="visits", event_time="at", event_id="id"),
    aggregations=[Aggregation("user", "count", windows=["1d"])],
)


@pytest.fixture
def client(settings):
    store = LmdbOnlineStore(settings.online)
    schema = {"user": pl.String, "event_time": UTC_US, "available_at": UTC_US, "event_id": pl.String}
    store.put_generation(visits, datetime(2013, 11, 20, tzinfo=UTC), pl.DataFrame(schema=schema), {})
    store.close()
    with TestClient(create_app(settings.under("replay:2013-11-22T00:00Z"))) as opened:
        yield opened


def send(client, sent_at):
    events = [{"user": "ann", "at": "1999-01-01T00:00:00Z", "id": "v1"}]
    return client.post("/v1/streams/visits/events", json={"events": events, "sent_at": sent_at})


def test_sent_before_the_horizon_is_a_422_that_names_the_backfill(client):
    refused = send(client, "2013-11-14T23:59:59Z")
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["column"]) == (422, "sent_too_long_ago", "sent_at")
    assert "features/visits/online" in error["cure"]
    assert client.get("/v1/streams").json()["streams"] == {"visits": 0}
    assert send(client, "2013-11-15T00:00:00+00:00").json()["accepted"] == 1
    assert send(client, None).json()["duplicates"] == 1


@pytest.mark.parametrize("wrong", ["yesterday", 5, "2013-11-15T00:00:00", [1]])
def test_a_stamp_that_is_no_instant_is_a_400(client, wrong):
    answer = send(client, wrong)
    assert (answer.status_code, answer.json()["error"]["column"]) == (400, "sent_at")
