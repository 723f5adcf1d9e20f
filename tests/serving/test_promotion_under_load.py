"""A real server, real sockets: promotions and a shutdown while requests come in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bighead.client import Client
from bighead.pipeline_lib.errors import StoreError
from bighead.resources.event_log import FileEventLog

SCRIPT = Path(__file__).with_name("serve_arithmetic.py")


@pytest.fixture
def server(settings, registry):
    log = settings.root / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(settings.root)], stdout=output, stderr=output
        )
    address = settings.root / "serving.json"
    deadline = time.monotonic() + 30
    while not address.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    client = Client(json.loads(address.read_text())["url"])
    while not client.ready():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
    yield client, process
    if process.poll() is None:
        os.kill(process.pid, signal.SIGCONT)
        process.terminate()
        process.wait(20)


class Load:
    """Clients that ask without pause; each answer with when it was sent and what it said."""

    def __init__(self, client: Client, threads: int = 3):
        self.client, self.answers, self.failures, self.stopping = client, [], [], threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.stopping.is_set():
            sent = time.monotonic()
            try:
                answer = self.client.predict("flight_late", rows=[{"distance": 5000.0}])
            except Exception as error:
                self.failures.append((sent, error))
                return
            self.answers.append((sent, answer["artifact"], answer["predictions"][0]["probability"]))

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def test_promotions_under_load_fail_no_request_and_leave_no_old_answer(server, registry, add_artifact):
    client, _ = server
    load = Load(client)
    moves = []
    for week in (2, 3, 4):
        number = add_artifact(registry, "flight_late", week)
        time.sleep(0.2)
        promotion = registry.promote("flight_late", number, actor="test", force=True)
        moves.append((time.monotonic(), number))
        assert len(promotion.gateways) == 1
    registry.rollback("flight_late", actor="test", reason="because", to=3)
    moves.append((time.monotonic(), 3))
    time.sleep(0.3)
    load.stop()
    assert load.failures == []
    assert len(load.answers) > 100
    for sent, artifact, probability in load.answers:
        # What was promoted before the request was sent must answer; a newer one may.
        floor = [number for at, number in moves if at < sent]
        if floor:
            later = {number for at, number in moves[len(floor) - 1 :]}
            assert artifact in later
        assert probability == 0.5 + artifact
    assert {artifact for _, artifact, _ in load.answers} == {1, 2, 3, 4}


def test_a_terminated_server_answers_what_it_took_and_writes_its_log(server, settings, registry):
    client, process = server
    load = Load(client, threads=2)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) in (0, -signal.SIGTERM)
    load.stop()
    # A client that asks once more finds nobody; nothing that was sent before went unanswered.
    assert all(
        isinstance(error, StoreError) and "cannot be reached" in str(error) for _, error in load.failures
    )
    logged = sum(1 for _ in FileEventLog(settings.inference_log).read("flight_late"))
    assert logged >= len(load.answers) > 20
    assert not (settings.root / "serving.json").exists()
    assert [g for g in registry.gateways() if g.live(registry._lease_clock.now())] == []


def test_a_gateway_that_slept_through_a_promotion_never_gives_an_old_answer(server, registry, add_artifact):
    client, process = server
    assert client.predict("flight_late", rows=[{"distance": 0.0}])["artifact"] == 1
    number = add_artifact(registry, "flight_late", 2)
    os.kill(process.pid, signal.SIGSTOP)
    # Its lease of two seconds must run out before the promotion may go on without it.
    promotion = registry.promote("flight_late", number, actor="test", force=True, timeout=20)
    assert promotion.gateways == ()
    os.kill(process.pid, signal.SIGCONT)
    answered = []
    deadline = time.monotonic() + 10
    while not answered and time.monotonic() < deadline:
        try:
            answered.append(client.predict("flight_late", rows=[{"distance": 0.0}])["artifact"])
        except StoreError:
            time.sleep(0.02)
    assert answered == [2]
