"""`POST /v1/streams/{stream}/events`, all or nothing, and `POST /v1/feature-sets/{name}/events`, event by event.

Events come in JSON or MessagePack and are acknowledged once they are on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from bighead.pipeline_lib.errors import RequestError
from bighead.resources.online_store import Consumed
from bighead.resources.stream import Streams
from bighead.resources.stream_offers import Receipt
from bighead.serving.gateway.states import told
from bighead.serving.gateway.wire import decode, kind_of, request_wire
from bighead.serving.identity import require_writer
from bighead.serving.metrics.prometheus import Metrics

_Request = Request[Any, Any, Any]
_SHAPE = 'Send [{…}, …] or {"events": [{…}, …], "sent_at": "…"}.'


def route_handlers(streams: Streams, metrics: Metrics, tokens: str = "") -> Sequence[HTTPRouteHandler]:
    """Return Litestar's handlers over the streams of a home; `tokens` is the file of those who may write."""
    return [
        *_takers(streams, metrics, tokens),
        _resending(streams, metrics, tokens),
        _listing(streams),
    ]


def _takers(streams: Streams, metrics: Metrics, tokens: str) -> Sequence[HTTPRouteHandler]:
    @post("/v1/streams/{stream:str}/events", status_code=200)
    async def ingest(request: _Request, stream: FromPath[str]) -> Response[bytes]:
        """Keep events; the answer says how many were new."""
        wire = request_wire(request.headers.get("content-type", ""))
        body = decode(await request.body(), wire)
        events, sent_at = _events(body), _sent_at(body)
        await asyncio.to_thread(_allow, request, streams, stream, tokens)
        receipt = await asyncio.to_thread(streams.ingest, stream, events, sent_at)
        metrics.streamed(stream, receipt.accepted, receipt.duplicates)
        return told(
            request,
            {
                "stream": stream,
                "accepted": receipt.accepted,
                "duplicates": receipt.duplicates,
                "position": receipt.position,
            },
        )

    @post("/v1/feature-sets/{name:str}/events", status_code=200)
    async def offer(request: _Request, name: FromPath[str]) -> Response[bytes]:
        """Keep those events that can be taken; 207 where some are refused, 422 where all are, each with the reason."""
        wire = request_wire(request.headers.get("content-type", ""))
        body = decode(await request.body(), wire)
        events, sent_at = _events(body), _sent_at(body)
        stream = await asyncio.to_thread(streams.stream_of, name)
        await asyncio.to_thread(_allow, request, streams, stream, tokens)
        receipt = await asyncio.to_thread(streams.offer, stream, events, sent_at)
        metrics.streamed(stream, receipt.accepted, receipt.duplicates, len(receipt.refused))
        answer = {"feature_set": name, "stream": stream, **asdict(receipt)}
        return told(request, answer, status=_status(receipt))

    return [ingest, offer]


def _resending(streams: Streams, metrics: Metrics, tokens: str) -> HTTPRouteHandler:
    @post("/v1/streams/{stream:str}/dead-letters/resend", status_code=200)
    async def resend(request: _Request, stream: FromPath[str]) -> Response[bytes]:
        """Keep what can be taken by now of the stream's dead letters; `refused` has those that stay, by position."""
        await asyncio.to_thread(_allow, request, streams, stream, tokens)
        receipt = await asyncio.to_thread(streams.resend, stream)
        metrics.streamed(stream, receipt.accepted, receipt.duplicates)
        return told(request, {"stream": stream, **asdict(receipt)})

    return resend


def _allow(request: _Request, streams: Streams, stream: str, tokens: str) -> None:
    """Refuse whoever may not write to a set that the stream feeds: its events are every one's."""
    for fed in streams.fed(stream):
        require_writer(fed, request.headers.get("authorization", ""), tokens)


def _listing(streams: Streams) -> HTTPRouteHandler:
    @get("/v1/streams")
    async def listed(request: _Request) -> Response[bytes]:
        """List the streams that feed any uploaded feature set, and where each stands."""

        def answer() -> dict[str, Any]:
            names = streams.names()
            return {
                "streams": {name: streams.position(name) for name in names},
                "topics": {name: _ledger(streams.consumed(name)) for name in names},
            }

        return told(request, await asyncio.to_thread(answer))

    return listed


def _status(receipt: Receipt) -> int:
    if not receipt.refused:
        return 200
    return 207 if receipt.accepted or receipt.duplicates else 422


def _ledger(partitions: Mapping[int, Consumed]) -> dict[str, dict[str, int]]:
    return {
        str(number): {"consumed": each.total, **asdict(each)} for number, each in sorted(partitions.items())
    }


def _events(body: Any) -> list[dict[str, Any]]:
    wrapped = type(body) is dict and "events" in body and set(body) <= {"events", "sent_at"}
    events = body["events"] if wrapped else body
    if type(events) is not list or not events:
        seen = "an empty list" if events == [] else kind_of(events)
        raise RequestError(f"the events are {seen}.", code="wrong_shape", cure=_SHAPE)
    for number, event in enumerate(events):
        if type(event) is not dict or not all(type(name) is str for name in event):
            raise RequestError(
                f"event {number} is {kind_of(event)} that has no columns.",
                code="wrong_shape",
                row=number,
                cure=_SHAPE,
            )
    return events


def _sent_at(body: Any) -> datetime | None:
    told = body.get("sent_at") if type(body) is dict else None
    if told is None:
        return None
    try:
        moment = datetime.fromisoformat(told) if type(told) is str else told
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise RequestError(
            "sent_at is no instant.",
            code="wrong_instant",
            column="sent_at",
            cure="Expected ISO 8601 with a zone, as 2013-11-22T10:00:00Z: when the events were first sent.",
        )
    return moment
