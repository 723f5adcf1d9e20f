"""Days of real flights against the serving tier: events stream in as they became known, questions give keys."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgpack
import polars as pl

from bighead.pipeline_lib.errors import StoreError
from bighead.resources.settings import Settings

STREAMS = ("arrivals", "departures", "weather")
KEYS = ("carrier", "origin", "dest", "tailnum")
TICK = timedelta(minutes=15)
MODEL = "flight_late"


@dataclass
class Replayed:
    """What a replay came to; predictions are of its first question, asked in both formats."""

    events: int = 0
    questions: int = 0
    requests: int = 0
    failures: list[str] = field(default_factory=list)
    prediction_json: float | None = None
    prediction_msgpack: float | None = None
    median_ms: float = 0.0


def run(settings: Settings, url: str, first: date, days: int) -> Replayed:
    """Replay `days` from the midnight of `first`: each tick streams what became known, then asks what was asked."""
    door, told = Door(url), Replayed()
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    events = {name: _between(settings, name, "available_at", start, days) for name in STREAMS}
    questions = _between(settings, "questions", "asked_at", start, days)
    seconds: list[float] = []
    for tick in range(int(timedelta(days=days) / TICK)):
        begin, end = start + tick * TICK, start + (tick + 1) * TICK
        for name, frame in events.items():
            known = frame.filter(pl.col("available_at").is_between(begin, end, closed="left"))
            told.events += door.stream(name, known, told.failures)
        door.call("PUT", "/v1/clock", {"now": end.isoformat()}, told.failures)
        for body in _questions(questions.filter(pl.col("asked_at").is_between(begin, end, closed="left"))):
            began = time.perf_counter()
            answer = door.call(
                "POST", f"/v1/models/{MODEL}/predict", body, told.failures, packed=told.requests % 2 == 1
            )
            seconds.append(time.perf_counter() - began)
            told.requests += 1
            told.questions += len(body["keys"])
            if told.prediction_json is None and answer:
                told.prediction_json = answer["predictions"][0]["probability"]
                again = door.call("POST", f"/v1/models/{MODEL}/predict", body, told.failures, packed=True)
                told.prediction_msgpack = again["predictions"][0]["probability"] if again else None
    told.median_ms = round(sorted(seconds)[len(seconds) // 2] * 1000, 2) if seconds else 0.0
    return told


def sample_requests(settings: Settings, day: date, count: int = 20) -> list[dict[str, Any]]:
    """Return requests of one row each, as of the midnight of `day`, with keys of real questions after it.

    They say that they are synthetic, so that this load does not weigh in the day's drift.
    """
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = _between(settings, "questions", "asked_at", at, 1).select(KEYS).head(count).rows(named=True)
    return [{"keys": [row], "at": at.isoformat(), "synthetic": True} for row in rows]


class Door:
    """One kept-alive connection to the serving tier, in JSON or MessagePack."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "127.0.0.1", address.port, timeout=60
        )

    def call(
        self, method: str, path: str, body: Any, failures: list[str], packed: bool = False
    ) -> dict[str, Any] | None:
        """Send a request; return its answer, or note why there is none."""
        kind = "application/msgpack" if packed else "application/json"
        content = msgpack.packb(body) if packed else json.dumps(body).encode()
        self._connection.request(method, path, content, {"Content-Type": kind})
        response = self._connection.getresponse()
        answered = response.read()
        if response.status != 200:
            failures.append(f"{method} {path}: {response.status} {answered[:200]!r}")
            return None
        found: dict[str, Any] = msgpack.unpackb(answered) if packed else json.loads(answered)
        return found

    def stream(self, name: str, events: pl.DataFrame, failures: list[str]) -> int:
        """Send events that became known, times as text; return how many were new."""
        if events.is_empty():
            return 0
        told = self.call("POST", f"/v1/streams/{name}/events", _plain(events), failures)
        return int(told["accepted"]) if told else 0


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Return once the condition holds.

    Raises:
        StoreError: it did not within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise StoreError(f"waited {seconds:.0f} s for {what}.", cure="See the log of the serving tier.")
        time.sleep(0.05)


def now() -> float:
    """Return the machine's time, by which the load's requests are stamped."""
    return time.time()


def _between(settings: Settings, table: str, column: str, start: datetime, days: int) -> pl.DataFrame:
    end = start + timedelta(days=days)
    scanned = pl.scan_parquet(settings.warehouse / f"{table}.parquet")
    return scanned.filter(pl.col(column).is_between(start, end, closed="left")).sort(column).collect()


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    times = [name for name, dtype in frame.schema.items() if dtype == pl.Datetime]
    return frame.with_columns(pl.col(times).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")).rows(named=True)


def _questions(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for (at,), asked in frame.group_by("asked_at", maintain_order=True):
        assert isinstance(at, datetime)
        yield {"keys": asked.select(KEYS).rows(named=True), "at": at.isoformat()}
