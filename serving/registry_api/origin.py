"""Nobody else's page may promote: a POST that a browser sends from another origin is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from bighead.pipeline_lib.errors import RequestError


def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard: refuse what a browser says, or shows by its Origin, to come from elsewhere.

    A program that is no browser sends neither header and is let through: nobody lends it a user's cookies.

    Raises:
        RequestError: status 403.
    """
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    foreign = site not in (None, "same-origin", "none")
    if origin is not None:
        foreign = foreign or urlsplit(origin).netloc != connection.headers.get("host")
    if foreign:
        raise RequestError(
            "this request comes from another origin's page.",
            status=403,
            code="cross_origin",
            cure="Use Bighead's own pages, or a client that is no browser.",
        )


def json_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard: refuse a body that is not declared as JSON, which is all that a foreign form can send.

    Raises:
        RequestError: status 415.
    """
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RequestError(
            f"the content type is {kind or 'missing'!r}.",
            status=415,
            code="unsupported_media_type",
            cure="Send application/json.",
        )
