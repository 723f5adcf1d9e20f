"""The client sends what docs/serving.md says, in both formats, and turns refusals into errors that name the place."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgpack
import pytest

from bighead.client import Client
from bighead.pipeline_lib.errors import RequestError, StoreError

PAGE = Path(__file__).parents[1] / "docs" / "serving.md"
ANSWER = {"model": "m", "artifact": 1, "predictions": [{"probability": 0.5}]}
REFUSAL = {
    "error": {"code": "wrong_type", "message": "it is text.", "column": "x", "row": 2, "cure": "A number."}
}


identities: list[str | None] = []


@pytest.fixture
def server():
    seen: list[tuple[str, str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers["Content-Type"] == "application/msgpack"
            asked = msgpack.unpackb(body) if packed else json.loads(body)
            seen.append((self.command, self.path, asked))
            identities.append(self.headers["Authorization"])
            refused = self.path.endswith("/bad/predict")
            told: Any = REFUSAL if refused else ANSWER
            out = msgpack.packb(told) if packed else json.dumps(told).encode()
            self.send_response(400 if refused else 200)
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        do_POST = do_PUT = answer

        def log_message(self, *arguments: object) -> None:
            pass

    # A thread a connection: the client keeps its own open.
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads, running.block_on_close = True, False
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", seen
    running.shutdown()
    running.server_close()
    thread.join()


def test_the_python_of_the_page_asks_for_keys_in_messagepack(server):
    url, seen = server
    block = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    exec(compile(block.replace("http://127.0.0.1:8400", url), "serving.md", "exec"), {})
    keys = [{"carrier": "UA", "origin": "JFK", "dest": "SFO", "tailnum": None}]
    assert seen == [("POST", "/v1/models/flight_late/predict", {"keys": keys})]


@pytest.mark.parametrize("packed", [False, True], ids=["JSON", "MessagePack"])
def test_each_call_goes_to_its_door(server, packed):
    url, seen = server
    client = Client(url, msgpack=packed)
    assert client.predict("m", rows=[{"x": 1}], at="2013-11-01T00:00Z", artifact=3) == ANSWER
    client.send_events("arrivals", [{"event_id": "a"}])
    client.advance_clock(datetime(2013, 11, 2, tzinfo=UTC))
    assert seen == [
        ("POST", "/v1/models/m/artifacts/3/predict", {"rows": [{"x": 1}], "at": "2013-11-01T00:00Z"}),
        ("POST", "/v1/streams/arrivals/events", {"events": [{"event_id": "a"}]}),
        ("PUT", "/v1/clock", {"now": "2013-11-02T00:00:00+00:00"}),
    ]


def test_a_token_goes_with_each_request(server):
    identities.clear()
    for token in ("secret", ""):
        with Client(server[0], token=token) as client:
            client.offer_events("carrier flights", [{"event_id": "a"}])
    assert identities == ["Bearer secret", None]
    assert [path for _, path, _ in server[1]] == ["/v1/feature-sets/carrier%20flights/events"] * 2


@pytest.mark.parametrize("packed", [False, True], ids=["JSON", "MessagePack"])
def test_a_refusal_names_column_and_row(server, packed):
    with pytest.raises(RequestError, match="it is text") as raised:
        Client(server[0], msgpack=packed).predict("bad", rows=[{"x": "a"}])
    assert (raised.value.column, raised.value.row, raised.value.status) == ("x", 2, 400)


def test_no_server_is_an_error_with_the_cure(server):
    with pytest.raises(StoreError, match="bighead serve"):
        Client("http://127.0.0.1:9").predict("m", rows=[{}])
