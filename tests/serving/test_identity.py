"""Tokens name teams; whoever has none, or another team's, may neither send events nor see values."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import polars as pl
import pytest
from litestar.testing import TestClient

from bighead.pipeline_lib.errors import RequestError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.serving.app import create_app
from bighead.serving.identity import require_writer, teams_of, withheld

TRIPS = FeatureSet(
    name="trips",
    owner="team:rides",
    keys=["rider"],
    source=EventSource(table="trips", event_time="at"),
    aggregations=[Aggregation("dist", "sum", windows=["7d"])],
    readers=["team:pricing"],
    writers=["team:ingest"],
)


@pytest.fixture
def tokens(tmp_path) -> str:
    lines = ["# token's SHA-256, team", ""]
    for team in ("rides", "team:pricing", "team:ingest", "team:ads"):
        lines.append(f"{hashlib.sha256(f'secret of {team}'.encode()).hexdigest()} {team}")
    (tmp_path / "tokens").write_text("\n".join(lines))
    return str(tmp_path / "tokens")


def shown(team: str) -> str:
    return f"Bearer secret of {team}"


def test_a_token_names_its_team(tokens):
    assert teams_of(shown("team:ads"), tokens) == ("team:ads",)
    assert teams_of("", tokens) == ()
    for wrong, file in (("Bearer guess", tokens), ("Basic x", tokens), ("Bearer ", tokens), ("Bearer x", "")):
        with pytest.raises(RequestError) as seen:
            teams_of(wrong, file)
        assert (seen.value.status, seen.value.code) == (401, "unknown_token")


def test_only_writers_send_events(tokens):
    for team in ("rides", "team:ingest"):
        require_writer(TRIPS, shown(team), tokens)
    for header in ("", shown("team:ads"), shown("team:pricing")):
        with pytest.raises(RequestError, match="team:ingest only") as seen:
            require_writer(TRIPS, header, tokens)
        assert (seen.value.status, seen.value.code) == (403, "not_allowed")


def test_only_readers_see_values(tokens):
    for team in ("rides", "team:pricing", "team:ingest"):
        assert withheld(TRIPS, shown(team), tokens) == ""
    for header in ("", shown("team:ads")):
        assert withheld(TRIPS, header, tokens) == "Values are shown to team:pricing only; ask team:rides."


GUARDED = FeatureSet(
    name="visits",
    owner="team:rides",
    keys=["rider"],
    source=EventSource(table="visits", stream="visits", event_time="at", event_id="id"),
    aggregations=[Aggregation("dist", "sum", windows=["7d"])],
    writers=["team:ingest"],
)
EVENT = {"rider": "ann", "at": "2013-11-21T10:00:00Z", "id": "a", "dist": 2.0}
ROUTES = (
    "/v1/streams/visits/events",
    "/v1/feature-sets/visits/events",
    "/v1/streams/visits/dead-letters/resend",
)


@pytest.mark.parametrize("route", ROUTES)
def test_over_http_others_are_refused_and_nothing_is_kept(settings, tokens, route):
    times = {name: pl.Datetime("us", "UTC") for name in ("event_time", "available_at")}
    schema = {"rider": pl.String, **times, "event_id": pl.String, "dist": pl.Float64}
    store = LmdbOnlineStore(settings.online)
    store.put_generation(GUARDED, datetime(2013, 11, 21, tzinfo=UTC), pl.DataFrame(schema=schema), {})
    home = settings.under("replay:2013-11-22T00:00Z").model_copy(update={"tokens": tokens})
    with TestClient(create_app(home)) as client:

        def sent(header: str) -> tuple[int, int]:
            headers = {"Authorization": header} if header else {}
            status = client.post(route, json={"events": [EVENT]}, headers=headers).status_code
            return status, client.get("/v1/streams").json()["streams"]["visits"]

        assert [sent(header) for header in ("", shown("team:ads"))] == [(403, 0)] * 2
        assert sent("Bearer guess") == (401, 0)
        assert sent(shown("team:ingest")) == (200, int(route.endswith("/events")))
    store.close()
