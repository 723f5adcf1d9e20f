"""Tokens name teams; whoever has none, or another team's, may neither send events nor see values."""

from __future__ import annotations

import hashlib

import pytest

from bighead.pipeline_lib.errors import RequestError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
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
