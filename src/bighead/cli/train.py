"""`bighead train`: one week's artifact of a model: training rows, fit, evaluation, gates, release."""

from __future__ import annotations

from typing import Any

import click

from bighead.cli.output import verb
from bighead.cli.progress import steps


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
        with steps(f"train {model}", [1.0, 1.0, 3.0]) as journey:
            with journey.step("features") as tell:
                tell(f"{orchestra.backfill_missing():,} rows")
            with journey.step(f"training set {training_set}") as tell:
                missing = orchestra.missing_weeks(training_set, weeks)
                built = orchestra.materialize([f"training_sets/{training_set}"], keys=missing)
                tell(f"{sum(built.rows.values()):,} rows")
            with journey.step(f"fit, evaluate, register: {weeks[-1]}"):
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
