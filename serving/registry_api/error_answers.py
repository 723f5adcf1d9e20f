"""One shape for every refusal: {"error": {"code", "message", "cure"}}, with the status that fits."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from bighead.pipeline_lib.errors import (
    BigheadError,
    ConflictError,
    DefinitionError,
    GateFailedError,
    PromotionError,
    RegistryError,
    RequestError,
    StaleReleaseError,
    StoreError,
    UnknownNameError,
)

# The first class that fits decides.
_ANSWERS: list[tuple[type[BigheadError], int, str]] = [
    (UnknownNameError, 404, "unknown_name"),
    (GateFailedError, 409, "gate_failed"),
    (StaleReleaseError, 409, "stale_release"),
    (PromotionError, 409, "promotion_failed"),
    (RegistryError, 409, "refused"),
    (DefinitionError, 400, "bad_request"),
    (ConflictError, 503, "busy"),
    (StoreError, 503, "store_unavailable"),
]


def status_and_code(error: BigheadError) -> tuple[int, str]:
    """Return the HTTP status and the stable code word of an error.

    >>> status_and_code(UnknownNameError("model", "x", []))
    (404, 'unknown_name')
    """
    if isinstance(error, RequestError):
        return error.status, error.code
    for kind, status, code in _ANSWERS:
        if isinstance(error, kind):
            return status, code
    return 500, "failed"


def answer_bighead_error(_request: Request[Any, Any, Any], error: BigheadError) -> Response[dict[str, Any]]:
    """Answer an error of ours."""
    status, code = status_and_code(error)
    return Response(
        {"error": {"code": code, "message": error.message, "cure": error.cure}}, status_code=status
    )


def answer_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    """Answer an error of the framework, such as a body that does not fit, in the same shape."""
    parts = [f"{part.get('key', 'body')}: {part['message']}" for part in _parts(error.extra)]
    message = "; ".join(parts) or error.detail
    said = {"code": _snake(type(error).__name__), "message": message, "cure": None}
    return Response({"error": said}, status_code=error.status_code, headers=error.headers)


def _parts(extra: Any) -> list[dict[str, Any]]:
    return (
        [part for part in extra if isinstance(part, dict) and "message" in part]
        if isinstance(extra, list)
        else []
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Exception")).lower()
