"""The short way for the one request that is asked thousands of times a second: `POST …/predict`.

Routing, request and response objects of the framework cost more than a prediction. This ASGI application answers
plain predictions itself, by the same endpoint, and hands everything else, odd bodies included, to the framework.
"""

from __future__ import annotations

from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

from bighead.serving.gateway.predict import Answer, PredictEndpoint

_BEFORE, _AFTER = "/v1/models/", "/predict"


class Front:
    """Stands before an app.

    Args:
        app: Answers what is not answered here.
        endpoint: Answers predictions.
        max_body_bytes: A larger body is the app's to refuse.
    """

    def __init__(self, app: ASGIApp, endpoint: PredictEndpoint, max_body_bytes: int) -> None:
        self._app, self._endpoint, self._max = app, endpoint, max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on untouched."""
        model = _model(scope)
        headers = dict(scope["headers"]) if model else {}
        length = headers.get(b"content-length", b"")
        if not length.isdigit() or int(length) > self._max:
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        kind, accept = headers.get(b"content-type", b""), headers.get(b"accept", b"")
        answer = await self._endpoint.answer(
            model, None, body, kind.decode("latin-1"), accept.decode("latin-1")
        )
        await _send(answer, send)


def _model(scope: Any) -> str:
    if scope["type"] != "http" or scope["method"] != "POST":
        return ""
    path: str = scope["path"]
    if not (path.startswith(_BEFORE) and path.endswith(_AFTER)):
        return ""
    model = path[len(_BEFORE) : -len(_AFTER)]
    return "" if "/" in model else model


async def _body(receive: Receive) -> bytes | None:
    message: Any = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return None if message["type"] == "http.disconnect" else body


async def _send(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", answer.wire.value.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in answer.headers.items()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
