"""GET what the registry knows of models, their history, code versions and the gateways that serve them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from litestar import get
from litestar.params import FromPath, FromQuery

from bighead.pipeline_lib.registry.values import Artifact, AuditEntry, Desired, HistoryEvent, Model, Version
from bighead.serving.registry_api.dependencies import Registry


def model_entry(model: Model, desired: Desired, active: Artifact | None) -> dict[str, Any]:
    """Return a model as the API shows it, with its active artifact."""
    return {
        "name": model.name,
        "owner": model.owner,
        "team": model.team,
        "created_at": model.created_at,
        "config": model.config,
        "promoting": desired.promoting,
        "active": active,
    }


@get("/models", sync_to_thread=True)
def list_models(registry: Registry) -> list[dict[str, Any]]:
    """List all models, each with its active artifact."""
    desired = registry.desired()
    return [
        model_entry(model, desired[model.name], registry.active(model.name))
        for model in registry.models()
        if model.name in desired
    ]


@get("/models/{model:str}", sync_to_thread=True)
def show_model(model: FromPath[str], registry: Registry) -> dict[str, Any]:
    """Show one model."""
    return model_entry(registry.model(model), registry.desired()[model], registry.active(model))


@get("/models/{model:str}/active", sync_to_thread=True)
def show_active(
    model: FromPath[str], registry: Registry, at: FromQuery[datetime | None] = None
) -> dict[str, Artifact | None]:
    """Show the artifact that is active, or that was at the instant `at` (UTC unless it says otherwise)."""
    instant = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
    return {"active": registry.active(model, at=instant)}


@get("/models/{model:str}/history", sync_to_thread=True)
def show_history(model: FromPath[str], registry: Registry) -> tuple[HistoryEvent, ...]:
    """List every move of `active`, oldest first."""
    return registry.history(model)


@get("/models/{model:str}/versions", sync_to_thread=True)
def list_versions(model: FromPath[str], registry: Registry) -> tuple[Version, ...]:
    """List the code versions that trained the model's artifacts."""
    return registry.versions(model)


@get("/models/{model:str}/audit", sync_to_thread=True)
def list_audit(model: FromPath[str], registry: Registry) -> tuple[AuditEntry, ...]:
    """List who asked what of the model, refusals included, oldest first."""
    return registry.audit(model)


@get("/gateways", sync_to_thread=True)
def list_gateways(registry: Registry) -> list[dict[str, Any]]:
    """List the gateways, whether their lease is live, and which artifact of each model they serve."""
    now = datetime.now(UTC)
    return [
        {
            "id": gateway.id,
            "url": gateway.url,
            "live": gateway.live(now),
            "renewed_at": gateway.renewed_at,
            "expires_at": gateway.expires_at,
            "serving": gateway.serving,
            "ready": gateway.ready,
        }
        for gateway in registry.gateways()
    ]
