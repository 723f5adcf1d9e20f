"""Steps 5 and 6 of 9 over HTTP: the registry's REST, under `/api/v1`.

The app that takes these handlers provides the dependencies `registry` (a RegistryStore) and `settings`.
"""

from __future__ import annotations

from litestar import Router
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ExceptionHandlersMap

from bighead.pipeline_lib.errors import BigheadError
from bighead.serving.registry_api import artifacts, models, promotions
from bighead.serving.registry_api.error_answers import answer_bighead_error, answer_http_error

PREFIX = "/api/v1"

_HANDLERS: list[HTTPRouteHandler] = [
    models.list_models,
    models.show_model,
    models.show_active,
    models.show_history,
    models.list_versions,
    models.list_audit,
    models.list_gateways,
    artifacts.list_artifacts,
    artifacts.show_artifact,
    artifacts.list_checks,
    promotions.list_promotions,
    promotions.promote,
    promotions.roll_back,
]


def route_handlers() -> list[Router]:
    """Return what an app registers to speak the registry's REST."""
    answers: ExceptionHandlersMap = {BigheadError: answer_bighead_error, HTTPException: answer_http_error}
    return [Router(PREFIX, route_handlers=_HANDLERS, exception_handlers=answers, tags=["registry"])]
