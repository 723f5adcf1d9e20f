"""The registry over HTTP: every route, every refusal, in one shape."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings
from bighead.serving.registry_api import route_handlers

START = datetime(2013, 1, 1, tzinfo=UTC)


@pytest.fixture
def registry(settings: Settings, tmp_path: Path) -> Iterator[RegistryStore]:
    """One model with three artifacts: the second fails its gate, the third is newest."""
    store = RegistryStore(settings.registry_url, loader_command=(sys.executable, "-c", ""))
    store.ensure_model("late", "ana", "flights", {"gates": [{"metric": "auc", "at_least": 0.7}]})
    for number in (1, 2, 3):
        interval = (START, START + timedelta(days=number))
        artifact = store.register(
            "late",
            content_hash=f"hash{number}",
            location=str(tmp_path / f"{number}"),
            data_interval=interval,
            metrics={"auc": 0.5 if number == 2 else 0.75},
            metadata={},
            code_version="abc",
            partition=f"2013-01-0{number}",
        )
        store.record_check(
            "late", artifact.number, "auc", number != 2, {"seen": 0.5 if number == 2 else 0.75}
        )
    yield store
    store.close()


@pytest.fixture
def client(registry: RegistryStore, settings: Settings) -> Iterator[TestClient[Litestar]]:
    dependencies = {
        "registry": Provide(lambda: registry, sync_to_thread=False),
        "settings": Provide(lambda: settings, sync_to_thread=False),
    }
    with TestClient(Litestar(route_handlers(), dependencies=dependencies)) as opened:
        yield opened


def refusal(response):
    error = response.json()["error"]
    assert set(error) == {"code", "message", "cure"}
    return response.status_code, error["code"], f"{error['message']} {error['cure'] or ''}"


def test_models_and_artifacts_are_listed(client):
    assert [model["name"] for model in client.get("/api/v1/models").json()] == ["late"]
    shown = client.get("/api/v1/models/late").json()
    assert shown["active"] is None
    assert shown["owner"] == "ana"
    listed = client.get("/api/v1/models/late/artifacts").json()
    assert [entry["standing"] for entry in listed] == ["registered", "failed", "registered"]
    assert listed[0]["data_interval"] == ["2013-01-01T00:00:00Z", "2013-01-02T00:00:00Z"]
    assert client.get("/api/v1/models/late/artifacts/2").json()["checks"][0]["passed"] is False
    assert client.get("/api/v1/models/late/artifacts/2/checks").json()[0]["detail"] == {"seen": 0.5}
    assert client.get("/api/v1/models/late/versions").json()[0]["artifacts"] == [1, 2, 3]


def test_promote_roll_back_and_history(client):
    first = client.post("/api/v1/models/late/promote", json={"artifact": 1, "reason": "first"})
    assert (first.status_code, first.json()["status"]) == (200, "active")
    assert client.post("/api/v1/models/late/promote", json={"artifact": 3}).status_code == 200
    back = client.post("/api/v1/models/late/rollback", json={"reason": "worse live"})
    assert (back.status_code, back.json()["number"]) == (200, 1)
    history = client.get("/api/v1/models/late/history").json()
    assert [(event["previous"], event["number"], event["kind"]) for event in history] == [
        (None, 1, "promote"),
        (1, 3, "promote"),
        (3, 1, "rollback"),
    ]
    as_of = client.get("/api/v1/models/late/active", params={"at": history[1]["at"]})
    assert as_of.json()["active"]["number"] == 3
    assert client.get("/api/v1/models/late/active").json()["active"]["number"] == 1
    assert len(client.get("/api/v1/models/late/promotions").json()) == 3
    assert client.get("/api/v1/models/late/audit").json()[0]["actor"].startswith("rest")


def test_a_failed_gate_and_stale_data_are_conflicts_and_force_overrides(client):
    status, code, words = refusal(client.post("/api/v1/models/late/promote", json={"artifact": 2}))
    assert (status, code) == (409, "gate_failed")
    assert "'auc'" in words
    assert "0.5" in words
    client.post("/api/v1/models/late/promote", json={"artifact": 3})
    assert refusal(client.post("/api/v1/models/late/promote", json={"artifact": 1}))[:2] == (
        409,
        "stale_release",
    )
    forced = client.post("/api/v1/models/late/promote", json={"artifact": 1, "force": True})
    assert forced.json()["forced"] is True


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/v1/models/lete", "Did you mean 'late'?"),
        ("/api/v1/models/lete/artifacts", "Did you mean 'late'?"),
        ("/api/v1/models/lete/history", "Did you mean 'late'?"),
        ("/api/v1/models/late/artifacts/9", "There are: '1', '2', '3'."),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(client, path, words):
    status, code, said = refusal(client.get(path))
    assert (status, code) == (404, "unknown_name")
    assert words in said


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "artifact"),
        ({"artifact": "three"}, "int"),
        ({"artifact": 3, "forced": True}, "forced"),
        ({"artifact": 3, "timeout": 0}, "timeout"),
        ([], "object"),
    ],
)
def test_a_bad_body_is_a_400_that_names_the_field(client, body, words):
    status, _code, said = refusal(client.post("/api/v1/models/late/promote", json=body))
    assert status == 400
    assert words in said


def test_broken_json_is_a_400(client):
    sent = {"content": b'{"artifact": ', "headers": {"content-type": "application/json"}}
    assert refusal(client.post("/api/v1/models/late/promote", **sent))[0] == 400


def test_a_foreign_page_cannot_promote(client, registry):
    path, body = "/api/v1/models/late/promote", {"artifact": 1}
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.test"}, {"origin": "null"}):
        assert refusal(client.post(path, json=body, headers=headers))[:2] == (403, "cross_origin")
    # What a foreign form can send without asking: JSON that is declared as text.
    plain = {"content": b'{"artifact": 1}', "headers": {"content-type": "text/plain"}}
    assert refusal(client.post(path, **plain))[0] == 415
    assert registry.active("late") is None
    own = {"origin": "http://testserver.local", "sec-fetch-site": "same-origin"}
    assert client.post(path, json=body, headers=own).status_code == 200


def test_gateways_are_listed_with_their_lease(client, registry):
    registry.heartbeat("g1", "http://g1", 10, {"late": 1}, {"late": 1})
    registry.heartbeat("g2", "http://g2", -1, {}, {})
    listed = client.get("/api/v1/gateways").json()
    assert [(gateway["id"], gateway["live"]) for gateway in listed] == [("g1", True), ("g2", False)]
