"""`POST /v1/streams/{stream}/events`: events in JSON or MessagePack, acknowledged once they are on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from bighead.pipeline_lib.errors import RequestError
from bighead.resources.stream import Streams
from bighead.serving.gateway.states import told
from bighead.serving.gateway.wire import decode, kind_of, request_wire
from bighead.serving.metrics.prometheus import Metrics

_Request = Request[Any, Any, Any]
_SHAPE = 'Send [{…}, …] or {"events": [{…}, …]}.'


def route_handlers(streams: Streams, metrics: Metrics) -> Sequence[HTTPRouteHandler]:
    """Return Litestar's handlers over the streams of a home."""

    @post("/v1/streams/{stream:str}/events", status_code=200)
    async def ingest(request: _Request, stream: FromPath[str]) -> Response[bytes]:
        """Keep events; the answer says how many were new."""
        wire = request_wire(request.headers.get("content-type", ""))
        events = _events(decode(await request.body(), wire))
        receipt = await asyncio.to_thread(streams.ingest, stream, events)
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

    @get("/v1/streams")
    async def listed(request: _Request) -> Response[bytes]:
        """List the streams that feed any uploaded feature set, and where each stands."""

        def positions() -> dict[str, int]:
            return {name: streams.position(name) for name in streams.names()}

        return told(request, {"streams": await asyncio.to_thread(positions)})

    return [ingest, listed]


def _events(body: Any) -> list[dict[str, Any]]:
    events = body.get("events") if type(body) is dict and set(body) == {"events"} else body
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
