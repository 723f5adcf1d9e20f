"""The catalogue's pages and REST over stored profiles: small, guarded, and telling what was stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

PAGES = [
    "/features",
    "/features?q=delay",
    "/features?q=nothing-of-the-kind",
    "/features/carrier",
    "/features/carrier?days=3",
    "/features/carrier/carrier_arr_delay_average_7d",
    "/features/carrier/arr_delay_average_3h",
]


@pytest.fixture
def client(flights, catalogue, make_app) -> Iterator[TestClient[Litestar]]:
    with TestClient(make_app(flights)) as opened:
        yield opened


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_small_and_loads_nothing_foreign(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert len(answer.content) < 100_000
    assert not re.search(r'(?:src|action|srcset)="(?:https?:)?//', answer.text)
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", answer.text)
    assert "script-src 'none'" in answer.headers["content-security-policy"]


def test_a_set_shows_its_days_checks_lineage_and_how_to_use_it(client):
    text = client.get("/features/carrier").text
    assert "2013-10-01 to 2013-10-10, 10 partitions, 3,000 rows" in text
    assert "2013-10-10 17:00" in text, "the newest row"
    assert "1 of 2 checks failed" in text
    assert "2013-10-03 11.00% null" in text
    assert "arrivals.delay: removed (Float64)" in text
    assert "refused" in text
    assert "flight_late #4" in text
    for kind, name in [("table", "arrivals"), ("training set", "flights"), ("model", "flight_late")]:
        assert f"<title>{kind} {name}</title>" in text
    assert "Project.load(&#39;/projects/shop&#39;)" in text
    assert "curl -s http://testserver.local/v1/features/carrier" in text
    assert len(re.findall(r'<svg class="chart"', text)) == 2 + 3
    assert len(re.findall(r'<svg class="bars"', text)) == 1
    assert "&lt;b&gt;" in text, "values are escaped"
    assert "<b>" not in text


def test_a_page_merges_the_days_it_is_asked_for(client):
    assert "2013-10-08 to 2013-10-10, 3 partitions, 900 rows" in client.get("/features/carrier?days=3").text


def test_a_feature_shows_its_values_its_input_and_who_reads_it(client):
    text = client.get("/features/carrier/carrier_arr_delay_average_7d").text
    assert "average of arr_delay" in text
    assert "in flights: 2013-10-04 to 2013-10-11, 2 partitions, 600 rows" in text
    assert re.search(r"<td>model</td><td><a href=\"/models/flight_late\">", text)
    assert "minutes late" in text
    assert "features=[&#34;carrier:arr_delay_average_7d&#34;]" in text
    other = client.get("/features/carrier/carrier_arr_delay_average_3h").text
    assert "<td>model</td>" not in other
    assert "No training set with this feature" in other


def test_a_set_without_days_says_how_to_backfill_it(flights, make_app):
    with TestClient(make_app(flights)) as client:
        text = client.get("/features/carrier").text
        assert "No day was profiled yet" in text
        assert "flight_late #4" in text


def test_profiles_that_cannot_be_read_leave_the_page_open(client, catalogue, settings):
    for file in (catalogue.root / "features" / "carrier").iterdir():
        file.write_bytes(b"\xc1 broken")
    (settings.offline / "catalogue" / "shop.json").write_text("{")
    for path in PAGES:
        assert client.get(path).status_code == 200


def test_what_can_no_longer_be_read_is_named_with_the_reason(client, settings):
    file = settings.offline / "catalogue" / "shop.json"
    published = json.loads(file.read_text())
    published["feature_sets"].append({"kind": "FeatureSet", "name": "ancient", "shape": 4})
    file.write_text(json.dumps(published))
    text = client.get("/features").text
    assert "The feature set ancient was published in a form that is no longer accepted." in text
    assert "shape" in text
    assert "/features/carrier" in text


@pytest.mark.parametrize(
    "path", ["/features/carier", "/features/carrier/arr_delay_average_9d", "/v1/features/carier"]
)
def test_an_unknown_name_is_a_404_with_the_nearest(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Did you mean" in answer.text


def test_searching(client):
    text = client.get("/features?q=delay+7d+key:carrier").text
    assert re.findall(r'<a href="/features/carrier/(\w+)">', text) == ["carrier_arr_delay_average_7d"]
    nothing = client.get("/features?q=delai+owner:team:flight").text
    assert 'href="/features?q=owner%3Ateam%3Aflights%20delay"' in nothing
    assert "no field to search by" in client.get("/features?q=onwer:x").text
    evil = client.get('/features?q="><script>alert(1)</script>').text
    assert "<script" not in evil


def test_the_rest_searches_and_describes(client):
    found = client.get("/v1/features", params={"q": "delay owner:team:flights kind:feature"}).json()
    assert {hit["name"] for hit in found["hits"]} == {
        "carrier_arr_delay_average_3h",
        "carrier_arr_delay_average_7d",
    }
    assert client.get("/v1/features", params={"q": "delai"}).json()["suggestion"] == "delay"
    assert client.get("/v1/features", params={"q": "onwer:x"}).status_code == 404
    assert len(client.get("/v1/features", params={"limit": 1}).json()["hits"]) == 1
    told = client.get("/v1/features/carrier", params={"start": "2013-10-02", "end": "2013-10-04"}).json()
    assert told["statistics"]["partitions"] == ["2013-10-02", "2013-10-03", "2013-10-04"]
    delay = told["statistics"]["columns"]["arr_delay"]
    assert delay["count"] == 900
    assert 0 < delay["null"] < 200
    assert delay["quantiles"]["0.5"] == pytest.approx(7, abs=3)
    assert told["statistics"]["columns"]["event_time"]["max"] == "2013-10-04T17:00:00+00:00"
    assert {(n["kind"], n["name"]) for n in told["lineage"]["downstream"]} == {
        ("training set", "flights"),
        ("model", "flight_late"),
    }
    assert told["checks"][0]["failing"][0]["day"] == "2013-10-02"


@pytest.fixture
def guarded(flights, catalogue, make_app, monkeypatch) -> Iterator[TestClient[Litestar]]:
    """The same app, its set for one team, with a unit and a personal column."""
    from dataclasses import replace

    from bighead.serving.ui.catalogue_view import CatalogueView

    plain = CatalogueView.sets.func
    cared = {"readers": ["team:pricing"], "units": {"arr_delay": "min"}, "pii": ["arr_delay"]}
    sets = property(lambda view: {name: replace(each, **cared) for name, each in plain(view).items()})
    monkeypatch.setattr(CatalogueView, "sets", sets)
    with TestClient(make_app(flights)) as opened:
        yield opened


def test_values_are_withheld_from_other_teams(guarded):
    said = "Values are shown to team:pricing only; ask team:flights."
    for path in ("/features/carrier", "/features/carrier/carrier_arr_delay_average_7d"):
        text = guarded.get(path).text
        assert said in text
        assert "5 · 25 · 50 · 75 · 95 %" not in text
        assert "min" in text
        assert "pii" in text
    statistics = guarded.get("/v1/features/carrier").json()["statistics"]
    assert statistics["withheld"] == said
    assert statistics["columns"] == {}


def test_personal_values_are_hidden_from_readers_too(guarded, monkeypatch):
    import bighead.serving.catalogue_api as api
    from bighead.serving.ui import feature_set_page

    for module in (api, feature_set_page):
        monkeypatch.setattr(module, "withheld", lambda *_: "")
    column = guarded.get("/v1/features/carrier").json()["statistics"]["columns"]["arr_delay"]
    assert (column["min"], column["max"], column["top"], column["mean"]) == (None, None, [], None)
    assert column["count"] > 0
    text = guarded.get("/features/carrier").text
    assert text.count(">pii</span>") == 1 + 2, "the column and both features"
    assert ">min</span>" in text
