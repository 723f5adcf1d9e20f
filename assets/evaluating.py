"""Step 4 of 9, evaluate: gates become verdicts in the registry and in Dagster, curves become pictures."""

import json
from pathlib import Path
from typing import Any

import dagster as dg

from bighead.assets.fitting import REPRODUCES
from bighead.assets.pictures import bars, curve
from bighead.pipeline_lib.artifact import load
from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.registry.values import Artifact
from bighead.resources.registry_store import RegistryStore


def gate_specs(model: ModelConfig, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Return a model's blocking checks: its gates, and that the bundle reproduces its stored example."""
    gates = [
        dg.AssetCheckSpec(gate.metric, asset=key, blocking=True, description=gate.text)
        for gate in model.gates
    ]
    reproduces = "The bundle loads, and answers its stored example as it did when it was made."
    return [*gates, dg.AssetCheckSpec(REPRODUCES, asset=key, blocking=True, description=reproduces)]


def checked(
    model: ModelConfig, artifact: Artifact, store: RegistryStore, key: dg.AssetKey
) -> list[dg.AssetCheckResult]:
    """Judge an artifact; each verdict enters the registry, where promotion reads it, before it is shown."""
    verdicts = []
    for gate in model.gates:
        value = artifact.metrics.get(gate.metric)
        seen = "not measured" if value is None else f"{value:.4f}"
        verdicts.append(
            (
                gate.metric,
                gate.passes(value),
                {"value": value, "expected": gate.text},
                f"{seen}, expected {gate.text}",
            )
        )
    verdicts.append((REPRODUCES, *reproduced(artifact)))
    for name, passed, detail, _ in verdicts:
        store.record_check(artifact.model, artifact.number, name, passed, detail)
    return [
        dg.AssetCheckResult(
            passed=passed,
            asset_key=key,
            check_name=name,
            severity=dg.AssetCheckSeverity.ERROR,
            description=f"artifact {artifact.number}: {said}",
            metadata={"artifact": artifact.number, "detail": dg.MetadataValue.json(detail)},
        )
        for name, passed, detail, said in verdicts
    ]


def reproduced(artifact: Artifact) -> tuple[bool, dict[str, Any], str]:
    """Return whether the bundle loads and answers its example as stored, with the reason where not."""
    try:
        load(Path(artifact.location)).reproduce()
    except BigheadError as error:
        return False, {"error": str(error)}, str(error)
    return True, {}, "the stored example gives the stored answer"


def pictures(artifact: Artifact) -> dict[str, dg.MetadataValue]:
    """Return the curves and importances stored in the bundle, drawn; of a regressor only the importances."""
    stored = json.loads((Path(artifact.location) / "evaluation.json").read_text(encoding="utf-8"))
    drawn = {"importance": bars("importance", stored.get("importance") or {})}
    for name, across, up in (("roc", "fpr", "tpr"), ("pr", "recall", "precision")):
        line = stored.get(name)
        if line:
            points = list(zip(line[across], line[up], strict=True))
            drawn[name] = curve(
                f"{name.upper()}, artifact {artifact.number}", points, across, up, name == "roc"
            )
    line = stored.get("calibration")
    if line:
        points = list(zip(line["predicted"], line["observed"], strict=True))
        drawn["calibration"] = curve("Calibration", points, "predicted", "observed")
    return drawn
