"""How good is it? Trained on all that was decided by November, tested on November and December.

    PYTHONPATH=examples python -m flights.quote --seeds 5

prints one JSON line: the four ROC-AUCs (calendar and flight facts; with weather; with windows; with all),
then PR-AUC, log-loss, calibration error and the importance of each input for the last.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import polars as pl

from bighead.pipeline_lib.evaluation import Evaluation, evaluate, importance
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.resources.settings import Settings
from bighead.session import Session
from flights.data import prepare
from flights.model import late_pipeline
from flights.training_set import flights

CUT = datetime(2013, 11, 1, tzinfo=UTC)
FACTS = ("departure", "routes", "planes")


def inputs_of(*groups: str) -> list[str]:
    """Return the input columns of facts and the named groups, `weather` or `windows`."""
    wanted = {*FACTS, *(("weather",) if "weather" in groups else ())}
    if "windows" in groups:
        wanted |= {each.name for each in flights.feature_sets} - {"weather"}
    columns = [column for ref in flights.refs if ref.set.name in wanted for column in ref.columns()]
    return [*flights.input_names, *columns]


GROUPS = {
    "calendar": inputs_of(),
    "weather": inputs_of("weather"),
    "windows": inputs_of("windows"),
    "all": inputs_of("weather", "windows"),
}


def quote(frame: pl.DataFrame, seeds: int = 5, groups: Iterable[str] = tuple(GROUPS)) -> dict[str, Any]:
    """Fit and test each group of inputs under each seed; return what the module's docstring lists."""
    asked, label = pl.col(flights.timestamp), flights.label
    decided = asked + timedelta(microseconds=label.horizon_us + label.delay_us) <= CUT
    train, test = frame.filter(decided), frame.filter(asked >= CUT)
    figures: dict[str, Any] = {"train_rows": train.height, "test_rows": test.height, "seeds": seeds}
    for group in groups:
        trials = [trial(train, test, GROUPS[group], seed) for seed in range(seeds)]
        by_seed = [evaluation.roc_auc for _, evaluation in trials]
        figures.setdefault("roc_auc", {})[group] = round(mean(by_seed), 4)
        if group == "all":
            pipeline, _ = trials[0]
            figures["roc_auc_by_seed"] = [round(auc, 4) for auc in by_seed]
            for metric in ("pr_auc", "log_loss", "ece"):
                figures[metric] = round(mean(getattr(each, metric) for _, each in trials), 4)
            weights = importance(pipeline, test, test[label.column])
            figures["importance"] = {name: round(weight, 4) for name, weight in weights.items()}
    return figures


def trial(
    train: pl.DataFrame, test: pl.DataFrame, columns: list[str], seed: int
) -> tuple[Pipeline, Evaluation]:
    """Fit on `train`, evaluate on `test`."""
    pipeline = late_pipeline(columns, seed)
    pipeline.fit(train.select(columns), train[flights.label.column])
    probability = pipeline.transform(test.select(columns))["probability"]
    return pipeline, evaluate(test[flights.label.column], probability)


def main() -> None:
    parser = argparse.ArgumentParser(description="State how good the flight model is.")
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds to average over")
    parser.add_argument("--home", type=Path, default=None, help="BIGHEAD_HOME, where the warehouse is")
    given = parser.parse_args()
    settings = Settings() if given.home is None else Settings(home=given.home)
    prepare(settings.warehouse)
    frame = Session(settings).collect(flights, "2013-01-01", "2014-01-02")
    print(json.dumps({"quote": "flight_late", **quote(frame, given.seeds)}))


if __name__ == "__main__":
    main()
