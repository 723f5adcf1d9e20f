"""The last step: the replayed days are backfilled from the sources, and what was served is held against them."""

from __future__ import annotations

from typing import Any

from bighead.cli.demo.record import Step
from bighead.cli.orchestration import Orchestra


def run(orchestra: Orchestra, model: str, days: list[str], step: Step) -> None:
    """Backfill the days, replay the log, measure drift and performance, score in batches; note what fell short."""
    step.rows = orchestra.backfill_missing()
    consistency = _facts(orchestra, f"monitoring/{model}/consistency", days, step)
    step.facts["consistency_mismatches"] = sum(int(each.get("mismatches", -1)) for each in consistency)
    step.facts["consistency_values"] = sum(int(each.get("compared", 0)) for each in consistency)
    step.expect(
        step.facts["consistency_mismatches"] == 0, "what was served differs from what is computed offline"
    )
    step.expect(step.facts["consistency_values"] > 0, "no logged value was compared")
    drift = _facts(orchestra, f"monitoring/{model}/drift", days, step)
    step.facts["drifted_features"] = sum(int(each.get("drifted", 0)) for each in drift)
    scored = orchestra.materialize([f"scores/{model}"], keys=days)
    uploaded = orchestra.materialize([f"scores/{model}/uploaded"], keys=days)
    step.facts["batch scores"] = sum(scored.rows.values())
    step.expect(scored.ok and uploaded.ok, f"batch scores: {dict(scored.failures)} {dict(uploaded.failures)}")
    performance = _facts(orchestra, f"monitoring/{model}/performance", days, step)
    found = [float(each["logged/roc_auc"]) for each in performance if "logged/roc_auc" in each]
    step.facts["replay_auc"] = round(sum(found) / len(found), 4) if found else None
    step.expect(bool(found), "no logged prediction met its label")


def _facts(orchestra: Orchestra, asset: str, days: list[str], step: Step) -> list[dict[str, Any]]:
    """Materialise an asset day by day and return the metadata of each."""
    found = []
    for day in days:
        run = orchestra.materialize([asset], keys=[day])
        step.expect(run.ok, f"{asset} {day}: {dict(run.failures)}")
        found.append(dict(run.metadata.get(asset, {})))
    return found
