"""Ids of streamed events are kept for the horizon; what was sent before it is refused, what happened is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from arrivals import B, event, upload
from clicks import clicks

from bighead.pipeline_lib.errors import DefinitionError, RequestError
from bighead.resources.online_stores import open_online_store
from bighead.resources.settings import Settings
from bighead.resources.stream import Receipt, Streams

DAY = timedelta(days=1)
HORIZON = 7 * DAY


class Clock:
    def __init__(self, at):
        self.at = at

    def now(self):
        return self.at


@pytest.fixture(params=["lmdb", "redis"])
def store(request, tmp_path):
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    opened = open_online_store(tmp_path / "online", url)
    yield opened
    opened.close()


@pytest.fixture
def clock():
    return Clock(B + DAY)


@pytest.fixture
def streams(store, clock, tmp_path):
    upload(store)
    opened = Streams(tmp_path / "streams", store, clock, HORIZON)
    yield opened
    opened.close()


def sent(number, at, **changes):
    """An event that came to be known at `at`, long after it happened."""
    return event(number, landed="1999-12-31T00:00:00Z", heard=at.isoformat(), **changes)


def test_an_id_is_known_for_the_horizon_and_no_longer(streams, store, clock):
    streams.ingest("arrivals", [sent(1, clock.at)])
    clock.at += HORIZON
    assert streams.ingest("arrivals", [sent(1, clock.at), sent(2, clock.at)]) == Receipt(1, 1, 2)
    clock.at += timedelta(hours=6)
    streams.ingest("arrivals", [sent(3, clock.at)])
    assert store.known("arrivals", ["f1", "f2", "f3"]).ids == {"f2", "f3"}


def test_ids_that_a_rebuild_brought_back_go_again(streams, store, clock):
    streams.ingest("arrivals", [sent(1, clock.at)])
    clock.at += 2 * HORIZON
    store.forget_streams()
    streams.ingest("arrivals", [sent(2, clock.at)])
    assert store.known("arrivals", ["f1", "f2"]).ids == {"f2"}
    assert store.ends("arrivals")[""] == 2


def test_the_same_id_beyond_the_horizon_never_spoils_a_replay(streams, store, clock):
    streams.ingest("arrivals", [sent(1, clock.at, delay=5)])
    clock.at += 2 * HORIZON
    streams.ingest("arrivals", [sent(2, clock.at)])
    assert streams.ingest("arrivals", [sent(1, clock.at, delay=99)]).accepted == 1
    before = store.ends("arrivals")
    store.forget_streams()
    assert streams.catch_up("arrivals") == 3
    assert store.ends("arrivals") == before


def test_what_was_sent_before_the_horizon_is_refused_and_named_the_way_it_takes(streams, clock):
    oldest = clock.at - HORIZON
    streams.ingest("arrivals", [sent(1, oldest)])
    with pytest.raises(
        RequestError, match=r"event 1 was sent at .* may have been counted already"
    ) as refused:
        streams.ingest("arrivals", [sent(2, clock.at), sent(3, oldest - timedelta(microseconds=1))])
    error = refused.value
    assert (error.status, error.code, error.column, error.row) == (422, "sent_too_long_ago", "heard", 1)
    assert "backfill" in error.cure
    assert "features/carrier and features/carrier/online" in error.cure
    assert streams.position("arrivals") == 1


def test_a_request_says_when_its_events_were_first_sent(streams, clock):
    late = clock.at - HORIZON - DAY
    with pytest.raises(RequestError, match="sent_at"):
        streams.ingest("arrivals", [sent(1, clock.at)], sent_at=late)
    assert streams.ingest("arrivals", [sent(1, clock.at)], sent_at=clock.at - DAY).accepted == 1


def test_without_a_stamp_the_arrival_counts_however_old_the_event(store, clock, tmp_path):
    import polars as pl
    from clicks import SCHEMA

    store.put_generation(clicks, B, pl.DataFrame(schema=SCHEMA), {})
    streams = Streams(tmp_path / "streams", store, clock, HORIZON)
    old = {"user": "ann", "shop": 1, "event_time": "1900-01-01T00:00:00Z", "event_id": "e", "amount": 1.0}
    assert streams.ingest("clicks", [old]).accepted == 1
    streams.close()


def test_the_setting_is_a_duration_above_zero():
    assert Settings(dedupe_horizon="36h").dedupe == timedelta(hours=36)
    for wrong in ("0d", "-1d", "a week"):
        with pytest.raises(DefinitionError):
            _ = Settings(dedupe_horizon=wrong).dedupe
    assert datetime.now(UTC) - Settings().dedupe < datetime.now(UTC)
