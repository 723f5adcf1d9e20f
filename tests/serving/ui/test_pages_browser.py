"""The pages in a real browser: they fetch nothing foreign, complain of nothing, work without a script."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import uvicorn

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
PATHS = [
    *("/", "/models/flight_late", "/models/flight_late/artifacts/3"),
    *(
        "/features",
        "/features?q=delay",
        "/features/carrier",
        "/features/carrier/carrier_arr_delay_average_7d",
    ),
]


@pytest.fixture
def site(flights, catalogue, make_app) -> Iterator[str]:
    """The app behind a real socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(flights), log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the app did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listener.close()


@pytest.fixture(scope="module")
def chromium(require_program):
    path = require_program("chromium", "apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, site):
    """A page without scripts that notes what it fetched and what it complained of."""
    context = chromium.new_context(
        java_script_enabled=False, base_url=site, viewport={"width": 1200, "height": 900}
    )
    opened = context.new_page()
    opened.fetched, opened.complaints = [], []
    opened.on("request", lambda request: opened.fetched.append(request.url))
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("requestfailed", lambda request: opened.complaints.append(f"failed: {request.url}"))
    opened.on(
        "response", lambda r: opened.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None
    )
    yield opened
    context.close()


def test_pages_fetch_only_from_here_and_break_no_policy(page, site):
    for path in PATHS:
        # Until the icon is there, too: leaving earlier would cancel it.
        page.goto(path, wait_until="networkidle")
    assert {urlsplit(url).netloc for url in page.fetched} == {urlsplit(site).netloc}
    assert any(url.endswith("bighead.css") for url in page.fetched)
    assert any(url.endswith("pipeline.svg") for url in page.fetched)
    assert page.complaints == []


def test_the_pictures_are_drawn(page):
    page.goto("/models/flight_late/artifacts/3")
    assert page.locator("svg.chart").count() == 4
    for index in range(4):
        line = page.locator("svg.chart path.line:not(.rival)").nth(index).bounding_box()
        assert line["width"] > 100
        assert line["height"] > 30
    widths = [page.locator("svg.bars rect.bar").nth(index).bounding_box()["width"] for index in range(15)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] > 10
    picture = page.locator(".picture img").bounding_box()
    assert (picture["width"], picture["height"]) == (600, 80)


def test_a_search_leads_to_a_feature_with_its_pictures(page):
    page.goto("/features")
    page.get_by_label("Search the catalogue").fill("delay 7d key:carrier")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/features?q=*")
    page.get_by_role("link", name="carrier_arr_delay_average_7d").click()
    page.wait_for_url("**/features/carrier/carrier_arr_delay_average_7d")
    assert page.locator("svg.chart").count() == 4
    for index in range(4):
        assert page.locator("svg.chart path.line").nth(index).bounding_box()["width"] > 100
    boxes = [page.locator(".lineage .node rect").nth(index).bounding_box() for index in range(4)]
    assert sorted(box["x"] for box in boxes) == [box["x"] for box in boxes], "sources left, models right"
    page.locator(".lineage a", has_text="flight_late").click()
    page.wait_for_url("**/models/flight_late")
    assert page.complaints == []


@pytest.mark.parametrize("path", PATHS)
def test_nothing_runs_out_of_a_phone(chromium, site, path):
    context = chromium.new_context(base_url=site, viewport={"width": 390, "height": 800})
    opened = context.new_page()
    opened.goto(path)
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_dark_mode_changes_the_ground(chromium, site):
    grounds = []
    for scheme in ("light", "dark"):
        context = chromium.new_context(base_url=site, color_scheme=scheme)
        opened = context.new_page()
        opened.goto("/")
        grounds.append(opened.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert grounds == ["rgb(247, 248, 250)", "rgb(15, 18, 22)"]


def test_promote_and_roll_back_by_button(page, flights):
    page.goto("/models/flight_late")
    page.get_by_role("button", name="Promote").click()
    page.wait_for_url("**/models/flight_late")
    assert flights.active("flight_late").number == 4
    assert "Promoted #4" in page.locator(".timeline li").first.inner_text()
    page.get_by_label("Reason").fill("worse in the evening")
    page.get_by_role("button", name="Roll back", exact=True).first.click()
    page.wait_for_url("**/models/flight_late")
    assert flights.active("flight_late").number == 3
    entry = page.locator(".timeline li").first.inner_text()
    assert "Rolled back to #3" in entry
    assert "worse in the evening" in entry
    assert page.complaints == []


def test_a_failed_artifact_needs_the_box_ticked(page, flights):
    page.goto("/models/flight_late/artifacts/2")
    assert "roc_auc" in page.locator(".refusal").inner_text()
    page.get_by_label("Reason").fill("for the demo")
    page.get_by_role("button", name="Promote").click()
    assert flights.active("flight_late").number == 3
    page.get_by_label("promote in spite of this").check()
    page.get_by_role("button", name="Promote").click()
    page.wait_for_url("**/models/flight_late")
    assert flights.active("flight_late").number == 2
    assert flights.history("flight_late")[-1].reason == "for the demo"
