"""POST a promotion or a rollback: the answer comes when every live gateway serves it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from bighead.pipeline_lib.registry.values import Promotion
from bighead.serving.registry_api.dependencies import Registry
from bighead.serving.registry_api.origin import json_only, same_origin

Seconds = Annotated[float, msgspec.Meta(gt=0, le=600)]


class PromoteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to promote and why; `force` overrides gates and staleness and is audited."""

    artifact: int
    reason: str = ""
    force: bool = False
    timeout: Seconds = 30.0


class RollbackBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go back to (default: the artifact below the active one) and why."""

    to: int | None = None
    reason: str = ""
    timeout: Seconds = 30.0


def actor_of(request: Request[Any, Any, Any], by: str) -> str:
    """Return who asks, as the audit keeps it: how, and from which address."""
    return f"{by} {request.client.host}" if request.client else by


@get("/models/{model:str}/promotions", sync_to_thread=True)
def list_promotions(model: FromPath[str], registry: Registry) -> tuple[Promotion, ...]:
    """List every attempt to move `active`, failed ones included, oldest first."""
    return registry.promotions(model)


@post(
    "/models/{model:str}/promote",
    guards=[same_origin, json_only],
    status_code=HTTP_200_OK,
    sync_to_thread=True,
)
def promote(
    model: FromPath[str], data: JSONBody[PromoteBody], request: Request[Any, Any, Any], registry: Registry
) -> Promotion:
    """Make an artifact active."""
    return registry.promote(
        model,
        data.artifact,
        actor=actor_of(request, "rest"),
        reason=data.reason,
        force=data.force,
        timeout=data.timeout,
    )


@post(
    "/models/{model:str}/rollback",
    guards=[same_origin, json_only],
    status_code=HTTP_200_OK,
    sync_to_thread=True,
)
def roll_back(
    model: FromPath[str], data: JSONBody[RollbackBody], request: Request[Any, Any, Any], registry: Registry
) -> Promotion:
    """Make an earlier artifact active again."""
    return registry.rollback(
        model, actor=actor_of(request, "rest"), reason=data.reason, to=data.to, timeout=data.timeout
    )
