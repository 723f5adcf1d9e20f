"""A load generator: some connections kept alive, each asking again as soon as it was answered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, cast
from urllib.parse import urlsplit

import uvloop


@dataclass(frozen=True)
class Load:
    """What a run of requests saw: answers a second, milliseconds, and how many were no 200."""

    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int


@dataclass
class _Tally:
    ends: float = 0.0
    waits: list[float] = field(default_factory=list)
    failed: int = 0


class _Connection(asyncio.Protocol):
    """Sends one request at a time and counts its answer by its headers' content-length."""

    def __init__(
        self, requests: Sequence[bytes], start: int, tally: _Tally, done: asyncio.Future[None]
    ) -> None:
        self._requests = cycle([*requests[start:], *requests[:start]])
        self._tally, self._done, self._seen, self._sent = tally, done, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._seen += data
        head, found, body = self._seen.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        now = time.perf_counter()
        self._tally.waits.append(now - self._sent)
        self._tally.failed += not head.startswith(b"HTTP/1.1 200")
        self._seen = b""
        if now < self._tally.ends:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


def _length(head: bytes) -> int:
    for header in head.lower().split(b"\r\n"):
        if header.startswith(b"content-length:"):
            return int(header[15:])
    raise ValueError(f"an answer without content-length: {head!r}")


def _request(url: str, row: dict[str, Any]) -> bytes:
    body = json.dumps({"rows": [row]}).encode()
    to = urlsplit(url)
    head = f"POST {to.path} HTTP/1.1\r\nHost: {to.netloc}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _drive(url: str, rows: Sequence[dict[str, Any]], connections: int, seconds: float) -> Load:
    loop, tally, to = asyncio.get_running_loop(), _Tally(), urlsplit(url)
    requests = [_request(url, row) for row in rows]
    finished: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    begun = time.perf_counter()
    tally.ends = begun + seconds
    for at, done in enumerate(finished):
        start = at * len(requests) // connections
        await loop.create_connection(
            lambda start=start, done=done: _Connection(requests, start, tally, done),  # type: ignore[misc]
            to.hostname or "127.0.0.1",
            to.port or 80,
        )
    # A server that stops answering must end the benchmark, not hold it.
    await asyncio.wait_for(asyncio.gather(*finished), seconds + 30)
    took = time.perf_counter() - begun
    waits = sorted(tally.waits)
    p50, p99 = (1e3 * waits[int(len(waits) * share)] for share in (0.5, 0.99))
    return Load(len(waits) / took, p50, p99, tally.failed)


def drive(url: str, rows: Sequence[dict[str, Any]], *, connections: int, seconds: float) -> Load:
    """Ask `url` about one row at a time, round and round, for some seconds."""
    return uvloop.run(_drive(url, rows, connections, seconds))
