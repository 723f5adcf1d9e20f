"""From the registry's values to the lines of a page: cards, rows and what may be done with an artifact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bighead.pipeline_lib.errors import GateFailedError, StaleReleaseError
from bighead.pipeline_lib.registry.gates import check_gates
from bighead.pipeline_lib.registry.staleness import check_fresh
from bighead.pipeline_lib.registry.standing import standing
from bighead.pipeline_lib.registry.values import Artifact, Desired, Gateway, HistoryEvent, Model
from bighead.resources.registry_store import RegistryStore
from bighead.serving.ui.contexts import ArtifactRow, GatewayLine, Headline, ModelCard

FIRST_METRICS = ("roc_auc", "pr_auc", "log_loss", "brier", "ece")


def main_metric(config: Mapping[str, Any], artifact: Artifact) -> str | None:
    """Return the metric that a model is judged by first: its first gate's, else ROC AUC, else any."""
    gates = [str(gate["metric"]) for gate in config.get("gates") or ()]
    wanted = [*gates, *FIRST_METRICS, *artifact.metrics]
    return next((name for name in wanted if name in artifact.metrics), None)


def ordered_metrics(artifact: Artifact) -> tuple[Headline, ...]:
    """Return an artifact's metrics, the well-known first."""
    names = [name for name in FIRST_METRICS if name in artifact.metrics]
    rest = sorted(set(artifact.metrics) - set(names))
    return tuple(Headline(name, artifact.metrics[name]) for name in [*names, *rest])


def card(registry: RegistryStore, model: Model, desired: Desired, gateways: tuple[Gateway, ...]) -> ModelCard:
    """Return what is shown of a model at a glance."""
    active = registry.active(model.name)
    name = main_metric(model.config, active) if active else None
    history = registry.history(model.name)
    return ModelCard(
        model=model,
        description=str(model.config.get("description") or ""),
        active=active,
        headline=Headline(name, active.metrics[name]) if active and name else None,
        since=history[-1].at if history else None,
        artifacts=len(registry.artifacts(model.name)),
        gateways=tuple(_gateway_line(gateway, desired) for gateway in gateways),
        promoting=desired.promoting,
    )


def _gateway_line(gateway: Gateway, desired: Desired) -> GatewayLine:
    serving = gateway.serving.get(desired.model)
    return GatewayLine(
        id=gateway.id,
        url=gateway.url,
        live=gateway.live(datetime.now(UTC)),
        serving=serving,
        follows=serving is not None and serving == desired.active,
        renewed_at=gateway.renewed_at,
    )


def artifact_row(
    model: Model,
    artifact: Artifact,
    desired: Desired,
    active: Artifact | None,
    history: tuple[HistoryEvent, ...],
) -> ArtifactRow:
    """Return an artifact's row: where it stands, and whether the rules would let it become active."""
    been = {event.number for event in history}
    stands = standing(artifact, desired, been)
    if stands in ("active", "promoting"):
        return ArtifactRow(artifact, stands, ordered_metrics(artifact), None, "")
    if artifact.number in been:
        return ArtifactRow(artifact, stands, ordered_metrics(artifact), "rollback", "")
    try:
        check_gates(artifact, model.config)
        check_fresh(artifact, active)
    except (GateFailedError, StaleReleaseError) as error:
        return ArtifactRow(artifact, stands, ordered_metrics(artifact), None, error.message)
    return ArtifactRow(artifact, stands, ordered_metrics(artifact), "promote", "")
