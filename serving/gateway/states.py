"""What a gateway tells of itself: health, models, the inference log's ledger, the clock, metrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Request, Response, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from bighead.pipeline_lib.clock import Clock, ReplayClock
from bighead.pipeline_lib.errors import DefinitionError, RequestError, did_you_mean
from bighead.serving.event_loggers.queue_logger import QueueLogger
from bighead.serving.gateway.hosted import Hosted
from bighead.serving.gateway.model_host import ModelHost
from bighead.serving.gateway.unavailable import UnavailableError
from bighead.serving.gateway.wire import answer_wire, decode, encode, instant, request_wire
from bighead.serving.metrics.prometheus import CONTENT_TYPE, Metrics

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Request = Request[Any, Any, Any]


def told(request: _Request, value: Any, status: int = 200) -> Response[bytes]:
    """Return an answer in the format that the client reads."""
    wire = answer_wire(request.headers.get("accept", ""), request.headers.get("content-type", ""))
    return Response(encode(value, wire), status_code=status, media_type=wire.value)


def route_handlers(
    host: ModelHost, logger: QueueLogger, clock: Clock, metrics: Metrics
) -> Sequence[HTTPRouteHandler]:
    """Return Litestar's handlers."""
    return [*_health(host), *_models(host), *_clock(clock), *_counts(logger, metrics)]


def _health(host: ModelHost) -> Sequence[HTTPRouteHandler]:
    @get("/health/live")
    async def live(request: _Request) -> Response[bytes]:
        """Tell that the process answers."""
        return told(request, {"live": True})

    @get("/health/ready")
    async def ready(request: _Request) -> Response[bytes]:
        """Tell whether every active artifact is loaded and proven, and the lease runs."""
        host.check_lease()
        lacking = host.lacking()
        if lacking:
            raise UnavailableError(f"not loaded yet: {', '.join(lacking)}.", code="loading")
        return told(request, {"ready": True, "serving": host.serving()})

    return [live, ready]


def _models(host: ModelHost) -> Sequence[HTTPRouteHandler]:
    @get("/v1/models")
    async def models(request: _Request) -> Response[bytes]:
        """List what is served."""
        return told(request, {"models": [_described(each) for each in host.hosted().values()]})

    @get("/v1/models/{model:str}")
    async def model_of(request: _Request, model: FromPath[str]) -> Response[bytes]:
        """Say what a model's request must give."""
        served = host.hosted()
        if model not in served:
            raise RequestError(
                f"no model called {model[:200]!r} is served.",
                status=404,
                code="unknown_model",
                cure=did_you_mean(model[:200], sorted(served)),
            )
        return told(request, _described(served[model]))

    return [models, model_of]


def _described(hosted: Hosted) -> dict[str, Any]:
    return {
        "model": hosted.model,
        "artifact": hosted.number,
        "model_version": str(hosted.number),
        "columns": [
            {"name": c.name, "dtype": c.dtype, "nullable": c.nullable} for c in hosted.signature.columns
        ],
        "keys": list(hosted.keys),
        "fetched": sorted(hosted.signature.fetched),
    }


def _clock(clock: Clock) -> Sequence[HTTPRouteHandler]:
    def now(request: _Request) -> Response[bytes]:
        moment = clock.now().isoformat().replace("+00:00", "Z")
        return told(request, {"now": moment, "replay": isinstance(clock, ReplayClock)})

    @get("/v1/clock")
    async def read(request: _Request) -> Response[bytes]:
        """Tell what time it is for this gateway."""
        return now(request)

    @put("/v1/clock")
    async def move(request: _Request) -> Response[bytes]:
        """Move a replay forward."""
        body = decode(await request.body(), request_wire(request.headers.get("content-type", "")))
        if not isinstance(clock, ReplayClock):
            raise RequestError(
                "the clock is the machine's own.",
                status=409,
                code="no_replay",
                cure="Start with BIGHEAD_CLOCK=replay:…",
            )
        if type(body) is not dict or set(body) != {"now"}:
            raise RequestError("the body is no clock.", code="wrong_shape", cure='Send {"now": "…Z"}.')
        try:
            clock.advance(_EPOCH + timedelta(microseconds=instant(body["now"], "now")))
        except DefinitionError as error:
            raise RequestError(error.message, status=409, code="clock_back", cure=error.cure) from error
        return now(request)

    return [read, move]


def _counts(logger: QueueLogger, metrics: Metrics) -> Sequence[HTTPRouteHandler]:
    @get("/v1/log")
    async def ledger(request: _Request) -> Response[bytes]:
        """Return the ledger of the inference log."""
        counts = logger.ledger
        return told(
            request,
            {
                "accepted": counts.accepted,
                "written": counts.written,
                "dropped": counts.dropped,
                "waiting": counts.waiting,
            },
        )

    @get("/metrics")
    async def exposition() -> Response[bytes]:
        """Return Prometheus' text format."""
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return [ledger, exposition]
