"""Every failure in one shape, `{"error": {code, message, column, row, cure}}`, in the answer's format."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from bighead.pipeline_lib.errors import BigheadError, RequestError
from bighead.serving.gateway.unavailable import UnavailableError
from bighead.serving.gateway.wire import answer_wire, encode
from bighead.serving.registry_api.error_answers import status_and_code

_log = structlog.get_logger()


@dataclass(frozen=True)
class Failure:
    """A failure as it is told: the status, the body and further headers."""

    status: int
    code: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def describe(error: BaseException) -> Failure:
    """Return how a failure is told; what nobody foresaw is logged and told as a bare 500."""
    if isinstance(error, RequestError):
        return _failure(error.status, error.code, error.message, error.cure, error.column, error.row)
    if isinstance(error, UnavailableError):
        headers = {"Retry-After": str(error.retry_after_seconds)}
        return _failure(503, error.code, error.message, error.cure, headers=headers)
    if isinstance(error, BigheadError):
        status, code = status_and_code(error)
        if status < 500:
            return _failure(status, code, error.message, error.cure)
        if status == 503:
            return _failure(status, code, error.message, error.cure, headers={"Retry-After": "1"})
    if isinstance(error, HTTPException):
        return _http(error)
    _log.error("request_failed", exc_info=error)
    return _failure(500, "internal_error", "the server failed.", "Its log says why.")


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler: any exception becomes an answer in the format the client reads."""
    failure = describe(error)
    wire = answer_wire(request.headers.get("accept", ""), request.headers.get("content-type", ""))
    return Response(
        encode(failure.body, wire),
        status_code=failure.status,
        media_type=wire.value,
        headers=failure.headers,
    )


def _http(error: HTTPException) -> Failure:
    status = error.status_code
    headers = dict(error.headers or {})
    if status >= 500:
        _log.error("request_failed", exc_info=error)
        return _failure(status, "internal_error", "the server failed.", "Its log says why.")
    cures = {
        404: "The paths are listed in docs/serving.md.",
        405: f"Allowed: {headers.get('Allow', headers.get('allow', 'another method'))}.",
        413: "Send fewer rows at once.",
    }
    code = HTTPStatus(status).name.lower()
    message = {404: "there is nothing at this path.", 413: "the body is too large."}.get(status, error.detail)
    return _failure(status, code, message, cures.get(status), headers=headers)


def _failure(
    status: int,
    code: str,
    message: str,
    cure: str | None,
    column: str | None = None,
    row: int | None = None,
    headers: dict[str, str] | None = None,
) -> Failure:
    told = {"code": code, "message": message, "column": column, "row": row, "cure": cure}
    return Failure(status, code, {"error": told}, headers or {})
