"""The pages as text: small, self-sufficient, guarded, and telling what the registry knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

PAGES = [
    "/",
    "/models/flight_late",
    "/models/flight_late/artifacts/1",
    "/models/flight_late/artifacts/4",
    "/features",
]
OWN = {"origin": "http://testserver.local", "sec-fetch-site": "same-origin"}


@pytest.fixture
def client(flights, make_app) -> Iterator[TestClient[Litestar]]:
    with TestClient(make_app(flights)) as opened:
        yield opened


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_small_and_loads_nothing_foreign(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert len(answer.content) < 100_000
    # What a browser would fetch or run.
    assert not re.search(r'(?:src|action|srcset)="(?:https?:)?//', answer.text)
    assert not re.search(r'<link[^>]*href="(?:https?:)?//', answer.text)
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", answer.text)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_style_sheet_is_ours_and_fetches_nothing(client):
    sheet = client.get("/static/ui/bighead.css")
    assert sheet.status_code == 200
    assert "text/css" in sheet.headers["content-type"]
    assert not re.search(r"url\(|@import", sheet.text)
    assert client.get("/static/ui/mark.svg").status_code == 200


def test_an_empty_registry_says_how_to_train(registry, make_app):
    with TestClient(make_app(registry)) as client:
        text = client.get("/").text
        assert "No model yet" in text
        assert "bighead train" in text
        assert "No feature set yet" in client.get("/features").text


def test_a_model_without_artifacts_opens(registry, make_app):
    registry.ensure_model("young", "ana", "", {})
    with TestClient(make_app(registry)) as client:
        assert "nothing active" in client.get("/").text
        assert "bighead train young" in client.get("/models/young").text


def test_the_list_shows_what_is_active_and_who_serves_it(client, flights):
    flights.heartbeat("gateway-1", "http://localhost:8400", 60, {"flight_late": 3}, {})
    flights.heartbeat("gateway-2", "http://localhost:8401", 60, {"flight_late": 1}, {})
    text = client.get("/").text
    assert "0.7415" in text
    assert "#3" in text
    assert re.search(r'gateway follows".*gateway-1 serves #3', text)
    assert re.search(r'gateway lags".*gateway-2 serves #1', text)


def test_a_model_lists_artifacts_with_standing_and_what_may_be_done(client):
    text = client.get("/models/flight_late").text
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.S)[1:]
    assert [re.search(r"#(\d)", row).group(1) for row in rows] == ["4", "3", "2", "1"]
    assert "<button>Promote</button>" in rows[0]
    assert ">active<" in rows[1]
    assert "<button" not in rows[1]
    assert "1 of 2 failed" in rows[2]
    assert "not promotable" in rows[2]
    assert 'name="to" value="1"' in rows[3]
    assert text.index("gates passed") < text.index("first model")


def test_an_artifact_shows_curves_checks_and_provenance(client):
    text = client.get("/models/flight_late/artifacts/3").text
    for words in [
        "ROC curve",
        "Precision over recall",
        "Calibration",
        "Importance by input feature",
        "240113",
        "4f1c2d9",
    ]:
        assert words in text
    assert len(re.findall(r'<path class="line" d="M[0-9.L ]+"', text)) == 4
    assert len(re.findall("<title>", text)) > 60
    assert f"{3:064x}" in text
    assert "roc_auc" in text
    assert "seen 0.7415, at_least 0.7" in text


def test_the_example_asks_with_keys_and_context_but_no_fetched_feature(client):
    text = client.get("/models/flight_late/artifacts/3").text
    curl = re.search(r"<pre>(curl.*?)</pre>", text, re.S).group(1)
    assert "/v1/models/flight_late/artifacts/3/predict" in curl
    assert "distance" in curl
    assert "tailnum&#34;: null" in curl
    assert "carrier_arr_delay" not in curl


def test_a_page_opens_although_its_bundle_is_gone_or_broken(client, flights, tmp_path):
    from pathlib import Path

    folder = Path(flights.artifact("flight_late", 3).location)
    (folder / "evaluation.json").write_text('{"roc": {"fpr": [0, "x"], "tpr": 3}, "importance": {"a": null}')
    (folder / "manifest.json").write_text("[]")
    (folder / "pipeline.svg").unlink()
    answer = client.get("/models/flight_late/artifacts/3")
    assert answer.status_code == 200
    assert "No evaluation" in answer.text
    assert client.get("/models/flight_late/artifacts/3/pipeline.svg").status_code == 404


def test_what_people_wrote_is_escaped(client, flights):
    flights.ensure_model("flight_late", "<b>ana</b>", "flights", {"description": "<script>alert(1)</script>"})
    flights.promote("flight_late", 4, actor="<i>", reason='"><img src=x onerror=alert(1)>')
    text = client.get("/models/flight_late").text
    assert "<script" not in text
    assert "<img src=x" not in text
    assert "<b>ana" not in text


def test_the_picture_cannot_run_anything(client):
    answer = client.get("/models/flight_late/artifacts/3/pipeline.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_promote_by_form_redirects_and_moves(client, flights):
    sent = {"data": {"artifact": "4", "reason": "better"}, "headers": OWN, "follow_redirects": False}
    answer = client.post("/models/flight_late/promote", **sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/models/flight_late")
    assert flights.active("flight_late").number == 4
    back = client.post("/models/flight_late/rollback", data={}, headers=OWN)
    assert back.status_code == 200
    assert flights.active("flight_late").number == 3


def test_a_refused_promotion_says_why_on_the_page(client, flights):
    answer = client.post("/models/flight_late/promote", data={"artifact": "2"}, headers=OWN)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "roc_auc" in answer.text
    assert flights.active("flight_late").number == 3
    forced = client.post("/models/flight_late/promote", data={"artifact": "2", "force": "yes"}, headers=OWN)
    assert forced.status_code == 200
    assert flights.history("flight_late")[-1].forced


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://evil.test"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_a_form_from_elsewhere_is_refused(client, flights, headers):
    for verb, data in (("promote", {"artifact": "4"}), ("rollback", {})):
        assert client.post(f"/models/flight_late/{verb}", data=data, headers=headers).status_code == 403
    assert flights.active("flight_late").number == 3


@pytest.mark.parametrize(
    ("path", "words"),
    [("/models/flight_lat", "flight_late"), ("/models/flight_late/artifacts/9", "&#39;1&#39;")],
)
def test_an_unknown_name_is_a_page_with_the_nearest(client, path, words):
    answer = client.get(path)
    assert answer.status_code == 404
    assert words in answer.text
    assert "content-security-policy" in answer.headers


def test_a_bad_number_in_a_form_is_a_400(client):
    answer = client.post("/models/flight_late/promote", data={"artifact": "four"}, headers=OWN)
    assert answer.status_code == 400


def test_features_are_listed_once_with_who_uses_them(client):
    text = client.get("/features").text
    assert text.count('<h2><a href="/features/carrier">carrier</a></h2>') == 1
    assert "flight_late #4" in text
    assert "carrier_arr_delay_average_7d" in client.get("/features/carrier").text
