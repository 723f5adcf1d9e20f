"""`POST /v1/models/{model}/predict` and `/v1/models/{model}/artifacts/{n}/predict`.

The way is short on purpose: the body is read once, decoded once, and what answers in microseconds is answered
on the event loop; requests with many rows, with features to fetch or derive, or with an artifact to load go to a
bounded pool of threads.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from bighead.serving.gateway.errors import describe
from bighead.serving.gateway.hosted import Hosted
from bighead.serving.gateway.model_host import ModelHost
from bighead.serving.gateway.predictor import Predictor
from bighead.serving.gateway.unavailable import UnavailableError
from bighead.serving.gateway.wire import Ask, Wire, answer_wire, decode_ask, encode, request_wire
from bighead.serving.metrics.prometheus import Metrics

_INLINE_ROWS = 8
_WAITING = 256


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status, format, body, and further headers."""

    status: int
    wire: Wire
    body: bytes
    headers: dict[str, str]


class PredictEndpoint:
    """Turns the bytes of a prediction request into those of its answer, whatever they are."""

    def __init__(self, host: ModelHost, predictor: Predictor, metrics: Metrics, threads: int = 2) -> None:
        self._host, self._predictor, self._metrics = host, predictor, metrics
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="predict")
        self._waiting = 0

    def close(self) -> None:
        """Let the threads finish what they do."""
        self._pool.shutdown(wait=True)

    async def answer(
        self, model: str, number: int | None, body: bytes, content_type: str, accept: str
    ) -> Answer:
        """Return the answer to a request; failures are answers too, so nothing is raised."""
        started = time.perf_counter()
        wire = answer_wire(accept, content_type)
        try:
            ask = decode_ask(body, request_wire(content_type))
            rows = len(ask.rows)
            if number is None:
                hosted = self._host.acquire(model)
                if rows <= _INLINE_ROWS and not hosted.refs and hosted.derived is None:
                    answer = self._predictor.answer(hosted, ask)
                else:
                    answer = await self._in_thread(hosted, ask)
            else:
                answer = await self._in_thread(None, ask, model, number)
        except Exception as error:
            failure = describe(error)
            self._metrics.refused(model, failure.code)
            return Answer(failure.status, wire, encode(failure.body, wire), failure.headers)
        self._metrics.answered(model, time.perf_counter() - started, rows)
        return Answer(200, wire, encode(answer, wire), {})

    async def _in_thread(
        self, hosted: Hosted | None, ask: Ask, model: str = "", number: int = 0
    ) -> dict[str, Any]:
        if self._waiting >= _WAITING:
            if hosted is not None:
                hosted.release()
            raise UnavailableError("too many requests are waiting.", code="busy")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._work, hosted, ask, model, number)
        finally:
            self._waiting -= 1

    def _work(self, hosted: Hosted | None, ask: Ask, model: str, number: int) -> dict[str, Any]:
        chosen = self._host.acquire(model, number) if hosted is None else hosted
        return self._predictor.answer(chosen, ask)


def route_handlers(endpoint: PredictEndpoint) -> Sequence[HTTPRouteHandler]:
    """Return Litestar's handlers over an endpoint."""

    async def respond(request: Request[Any, Any, Any], model: str, number: int | None) -> Response[bytes]:
        headers = request.headers
        body = await request.body()
        answer = await endpoint.answer(
            model, number, body, headers.get("content-type", ""), headers.get("accept", "")
        )
        return Response(
            answer.body, status_code=answer.status, media_type=answer.wire.value, headers=answer.headers
        )

    @post("/v1/models/{model:str}/predict", status_code=200)
    async def predict(request: Request[Any, Any, Any], model: FromPath[str]) -> Response[bytes]:
        """Predict with the active artifact."""
        return await respond(request, model, None)

    @post("/v1/models/{model:str}/artifacts/{number:int}/predict", status_code=200)
    async def predict_with(
        request: Request[Any, Any, Any], model: FromPath[str], number: FromPath[int]
    ) -> Response[bytes]:
        """Predict with one artifact, active or not."""
        return await respond(request, model, number)

    return [predict, predict_with]
