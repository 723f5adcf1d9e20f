"""Promote and roll back from a page: plain forms, then a redirect, so that a reload asks for nothing again."""

from __future__ import annotations

from typing import Any

from litestar import Request, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from bighead.pipeline_lib.errors import RegistryError, RequestError, StoreError
from bighead.serving.registry_api.dependencies import Registry
from bighead.serving.registry_api.error_answers import status_and_code
from bighead.serving.registry_api.origin import same_origin
from bighead.serving.registry_api.promotions import actor_of
from bighead.serving.ui.answers import HEADERS, answer_page
from bighead.serving.ui.model_page import model_page

_REASON_LIMIT = 500


def from_a_page(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard: a form comes from a browser, and every browser says from which page.

    Raises:
        RequestError: status 403.
    """
    if not {"sec-fetch-site", "origin"} & set(connection.headers):
        raise RequestError(
            "this request does not say from which page it comes.",
            status=403,
            code="no_origin",
            cure="Programs promote by POST /api/v1/models/{model}/promote.",
        )


_GUARDS = [same_origin, from_a_page]


@post("/models/{model:str}/promote", guards=_GUARDS, sync_to_thread=True)
def promote(
    model: FromPath[str],
    data: URLEncodedBody[dict[str, Any]],
    request: Request[Any, Any, Any],
    registry: Registry,
) -> Template | Redirect:
    """Promote the artifact named by the form's field `artifact`."""
    number, reason = _number(data.get("artifact")), _reason(data)
    try:
        registry.promote(
            model, number, actor=actor_of(request, "page"), reason=reason, force=data.get("force") == "yes"
        )
    except (RegistryError, StoreError) as error:
        return answer_page("model.html", model_page(registry, model, error), status_and_code(error)[0])
    return _back(model)


@post("/models/{model:str}/rollback", guards=_GUARDS, sync_to_thread=True)
def roll_back(
    model: FromPath[str],
    data: URLEncodedBody[dict[str, Any]],
    request: Request[Any, Any, Any],
    registry: Registry,
) -> Template | Redirect:
    """Roll back to the form's field `to`, or to the artifact below the active one."""
    to = _number(data["to"]) if data.get("to") else None
    try:
        registry.rollback(model, actor=actor_of(request, "page"), reason=_reason(data), to=to)
    except (RegistryError, StoreError) as error:
        return answer_page("model.html", model_page(registry, model, error), status_and_code(error)[0])
    return _back(model)


def _back(model: str) -> Redirect:
    return Redirect(f"/models/{model}", status_code=303, headers=HEADERS)


def _reason(data: dict[str, Any]) -> str:
    return str(data.get("reason") or "").strip()[:_REASON_LIMIT]


def _number(given: Any) -> int:
    try:
        return int(str(given))
    except ValueError as error:
        raise RequestError(
            f"{given!r} is no artifact's number.", cure="Use the page's own buttons."
        ) from error
