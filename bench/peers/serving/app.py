"""The peer's server: FastAPI, one worker, tuned (uvloop, httptools, msgspec, no access log)."""

from __future__ import annotations

import msgspec
import uvicorn
from fastapi import FastAPI, Request, Response
from pipeline import Answer


def create_app(answer: Answer, *, threads: bool) -> FastAPI:
    """Serve `answer` from the event loop itself, or from FastAPI's thread pool."""
    app = FastAPI(openapi_url=None)
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode

    def reply(body: bytes) -> Response:
        probability = answer(decode(body)["rows"][0])
        content = encode({"predictions": [{"probability": probability}]})
        return Response(content, media_type="application/json")

    if threads:
        # A plain function goes to the thread pool; reading the body first needs the loop.
        async def body_of(request: Request) -> bytes:
            return await request.body()

        from fastapi import Depends

        @app.post("/predict")
        def predict_in_thread(body: bytes = Depends(body_of)) -> Response:
            return reply(body)
    else:

        @app.post("/predict")
        async def predict(request: Request) -> Response:
            return reply(await request.body())

    return app


def serve(answer: Answer, port: int, *, threads: bool) -> None:
    """Serve on loopback until ended."""
    uvicorn.run(
        create_app(answer, threads=threads),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
