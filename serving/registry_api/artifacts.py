"""GET a model's artifacts, where each stands, and its checks."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get
from litestar.params import FromPath

from bighead.pipeline_lib.registry.standing import standing
from bighead.pipeline_lib.registry.values import Artifact, Check
from bighead.serving.registry_api.dependencies import Registry


def _entries(registry: Registry, model: str, artifacts: tuple[Artifact, ...]) -> list[dict[str, Any]]:
    been = {event.number for event in registry.history(model)}
    desired = registry.desired()[model]
    return [
        {**msgspec.to_builtins(artifact), "standing": standing(artifact, desired, been)}
        for artifact in artifacts
    ]


@get("/models/{model:str}/artifacts", sync_to_thread=True)
def list_artifacts(model: FromPath[str], registry: Registry) -> list[dict[str, Any]]:
    """List a model's artifacts by number, each with where it stands."""
    return _entries(registry, model, registry.artifacts(model))


@get("/models/{model:str}/artifacts/{number:int}", sync_to_thread=True)
def show_artifact(model: FromPath[str], number: FromPath[int], registry: Registry) -> dict[str, Any]:
    """Show one artifact."""
    return _entries(registry, model, (registry.artifact(model, number),))[0]


@get("/models/{model:str}/artifacts/{number:int}/checks", sync_to_thread=True)
def list_checks(model: FromPath[str], number: FromPath[int], registry: Registry) -> tuple[Check, ...]:
    """List the newest verdict of each check of an artifact."""
    return registry.artifact(model, number).checks
