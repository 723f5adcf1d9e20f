"""`bighead train`: one week's artifact of a model: training rows, fit, evaluation, gates, release."""

from __future__ import annotations

from typing import Any

import click

from bighead.cli.output import step, verb


@click.command("train")
@click.argument("model")
@click.option("--week", default="", help="The partition, by the day it starts; default: the last whole week.")
@verb
def command(model: str, week: str) -> dict[str, Any]:
    """Train MODEL on all weeks up to --week; features that are missing are computed first."""
    from bighead.cli.orchestration import Orchestra

    with Orchestra.open() as orchestra:
        orchestra.prepare_tables()
        training_set = orchestra.model(model).source.name
        weeks = orchestra.weeks(model, week)
        with step("features") as tell:
            tell(f"{orchestra.backfill_missing():,} rows")
        with step(f"training set {training_set}") as tell:
            missing = orchestra.missing_weeks(training_set, weeks)
            built = orchestra.materialize([f"training_sets/{training_set}"], keys=missing)
            tell(f"{sum(built.rows.values()):,} rows")
        with step(f"train {model} {weeks[-1]}"):
            trained = orchestra.train(model, weeks[-1])
    return {
        "ok": built.ok and trained.released,
        "model": model,
        "week": weeks[-1],
        "artifact": trained.number,
        "released": trained.released,
        "metrics": trained.metrics,
        "failures": trained.failures,
    }
