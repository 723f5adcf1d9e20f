"""A small client of the serving tier, on the standard library and msgspec.

client = Client("http://127.0.0.1:8400")
client.predict("flight_late", keys=[{"carrier": "UA", "origin": "JFK", "dest": "SFO", "tailnum": "N14228"}])
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from bighead.pipeline_lib.errors import BigheadError, RequestError, StoreError

Row = Mapping[str, Any]


class Client:
    """Asks one serving tier; each thread keeps a connection of its own.

    Args:
        url: Where it listens, as `http://127.0.0.1:8400`.
        msgpack: Speak MessagePack in place of JSON; the predictions are the same.
        token: Says whose team asks, where feature sets name their readers and writers (`BIGHEAD_TOKENS`).
        timeout_seconds: How long to wait for an answer.
    """

    def __init__(
        self, url: str, *, msgpack: bool = False, token: str = "", timeout_seconds: float = 30.0
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise RequestError(f"the URL is {url!r}.", cure="Expected one as http://127.0.0.1:8400.")
        self._parts, self._timeout = parts, timeout_seconds
        self._codec: Any = msgspec.msgpack if msgpack else msgspec.json
        self._kind = "application/msgpack" if msgpack else "application/json"
        self._identity = {"Authorization": f"Bearer {token}"} if token else {}
        self._local = threading.local()

    def predict(
        self,
        model: str,
        *,
        keys: Sequence[Row] | None = None,
        rows: Sequence[Row] | None = None,
        columns: Mapping[str, Sequence[Any]] | None = None,
        at: datetime | str | None = None,
        artifact: int | None = None,
        synthetic: bool = False,
    ) -> dict[str, Any]:
        """Return the answer to `keys`, `rows` or `columns`: model, artifact, at, request_id, predictions.

        Args:
            model: The model's name.
            keys: Rows of keys; features are fetched.
            rows: Rows of everything that the model's signature asks for.
            columns: The same by column.
            at: The instant of the question, with a zone; by default the server's clock.
            artifact: One artifact's number; by default the active one.
            synthetic: This is a probe or a load test, which drift and performance leave out.

        Raises:
            RequestError: the request is wrong; column and row say where.
            StoreError: the server cannot be reached, or cannot answer now.
        """
        given = {"keys": keys, "rows": rows, "columns": columns}
        body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if at is not None:
            body["at"] = at.isoformat() if isinstance(at, datetime) else at
        if synthetic:
            body["synthetic"] = True
        chosen = "" if artifact is None else f"/artifacts/{artifact}"
        return self._ask("POST", f"/v1/models/{quote(model, safe='')}{chosen}/predict", body)

    def send_events(self, stream: str, events: Sequence[Row]) -> dict[str, Any]:
        """Send events to a stream; when this returns they are on disk. Sending again changes nothing.

        Raises:
            RequestError: as `predict`; 401 for a wrong token, 403 where others write the stream.
            StoreError: as `predict`.
        """
        return self._ask("POST", f"/v1/streams/{quote(stream, safe='')}/events", {"events": list(events)})

    def offer_events(self, feature_set: str, events: Sequence[Row]) -> dict[str, Any]:
        """Send events to a feature set, each for itself; those in `refused` are not kept, each with its reason.

        Raises:
            RequestError, StoreError: as `send_events`.
        """
        path = f"/v1/feature-sets/{quote(feature_set, safe='')}/events"
        return self._ask("POST", path, {"events": list(events)})

    def models(self) -> list[dict[str, Any]]:
        """Return what is served, and what each model's request must give."""
        found: list[dict[str, Any]] = self._ask("GET", "/v1/models")["models"]
        return found

    def advance_clock(self, to: datetime) -> None:
        """Move a replay forward.

        Raises:
            RequestError: the server is not replaying, or stands later already.
        """
        self._ask("PUT", "/v1/clock", {"now": to.isoformat()})

    def ready(self) -> bool:
        """Tell whether every active artifact is loaded and proven."""
        try:
            return bool(self._ask("GET", "/health/ready").get("ready"))
        except StoreError:
            return False

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else self._codec.encode(body)
        status, raw = self._send(method, path, data)
        try:
            answer = self._codec.decode(raw)
        except (ValueError, RecursionError) as error:
            raise StoreError(
                f"{self._parts.netloc} answered {status} with no {self._kind}.", cure="Is it Bighead's?"
            ) from error
        # Where all events are refused, 422 comes with what became of each.
        if status < 300 or (isinstance(answer, dict) and "refused" in answer):
            return dict(answer)
        raise _refusal(status, answer)

    def _send(self, method: str, path: str, data: bytes | None) -> tuple[int, bytes]:
        headers = {
            **self._identity,
            "Accept": self._kind,
            **({"Content-Type": self._kind} if data is not None else {}),
        }
        kept = getattr(self._local, "connection", None)
        # A kept connection may have been closed by the server meanwhile; a fresh one is tried once. All requests
        # may be sent twice: predictions change nothing, events count once by their ids.
        failed: Exception | None = None
        for connection in (kept, None) if kept is not None else (None,):
            fresh = connection or self._connect()
            try:
                fresh.request(method, self._parts.path.rstrip("/") + path, data, headers)
                response = fresh.getresponse()
                raw = response.read()
            except (OSError, http.client.HTTPException) as error:
                fresh.close()
                self._local.connection, failed = None, error
                continue
            self._local.connection = fresh
            return response.status, raw
        raise StoreError(
            f"{self._parts.netloc} cannot be reached: {failed}.", cure="Start it: bighead serve"
        ) from failed

    def _connect(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._parts.hostname or "", self._parts.port, timeout=self._timeout)


def _refusal(status: int, answer: Any) -> BigheadError:
    told = answer.get("error") if isinstance(answer, dict) else None
    said = told if isinstance(told, dict) else {}
    message, cure = str(said.get("message", f"status {status}.")), said.get("cure")
    if status >= 500:
        return StoreError(message, cure=cure)
    return RequestError(
        message,
        status=status,
        code=str(said.get("code", "refused")),
        column=said.get("column"),
        row=said.get("row"),
        cure=cure,
    )
