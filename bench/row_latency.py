"""One row through impute + scale + one-hot + 100 trees, p50 and p99: `python -m bench.row_latency --json`.

Ours is a loaded artifact's `predict_rows` of one dict. Beside it stands the same in scikit-learn, with XGBoost's
classifier behind it: `as_written` with a pandas frame of one row and XGBoost's default threads, `tuned` with one thread
and the booster asked for an array's prediction. Answers must be equal within 1e-5.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

from bench.report import line, require_release, version
from bench.serving_data import CATEGORICAL, NUMERIC, table
from bench.serving_model import fitted
from bighead.pipeline_lib.artifact import InputColumn, LoadedArtifact, load, save

TRAINING, QUESTIONS, OURS_ROUNDS, PEER_ROUNDS, TOLERANCE = 20_000, 300, 40, 2, 1e-5
Row = dict[str, Any]


def ours(training: Any, folder: Path) -> LoadedArtifact:
    """Return our pipeline as a loaded artifact."""
    pipeline = fitted(training)
    inputs = [InputColumn(each.name, each.dtype, True) for each in pipeline.graph.inputs]
    save(pipeline, folder, model="bench", inputs=inputs, example_rows=training.drop("label").head(100))
    return load(folder)


def theirs(training: Any) -> tuple[Any, Any]:
    """Return scikit-learn's columns and XGBoost's classifier, fitted on the same rows."""
    numeric = make_pipeline(SimpleImputer(), StandardScaler())
    categorical = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("numeric", numeric, NUMERIC), ("categorical", categorical, CATEGORICAL)])
    frame = training.drop("label").to_pandas()
    model = XGBClassifier(n_estimators=100, max_depth=5, learning_rate=0.1, tree_method="hist")
    model.fit(columns.fit_transform(frame), training["label"].to_numpy())
    return columns, model


def timed(
    answer: Callable[[Row], float], rows: list[Row], rounds: int
) -> tuple[dict[str, float], list[float]]:
    """Return the percentiles of a call in µs, and the answers."""
    answers = [answer(row) for row in rows]
    taken = []
    for _ in range(rounds):
        for row in rows:
            begun = time.perf_counter()
            answer(row)
            taken.append((time.perf_counter() - begun) * 1e6)
    p50, p99 = np.percentile(taken, [50, 99])
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2)}, answers


def main() -> None:
    """Measure all sides and print one line."""
    argparse.ArgumentParser(description=__doc__).add_argument("--json", action="store_true")
    require_release()
    training = table(TRAINING)
    rows = table(QUESTIONS, seed=1).drop("label").to_dicts()
    columns, model = theirs(training)
    written = make_pipeline(columns, model)
    with tempfile.TemporaryDirectory() as folder:
        artifact = ours(training, Path(folder) / "bundle")
        found = {
            "ours": timed(lambda row: artifact.predict_rows([row])[0]["probability"], rows, OURS_ROUNDS),
            "as_written": timed(
                lambda row: float(written.predict_proba(pd.DataFrame([row]))[0, 1]), rows, PEER_ROUNDS
            ),
        }
    booster = model.set_params(n_jobs=1).get_booster()
    booster.set_param({"nthread": 1})
    found["tuned"] = timed(
        lambda row: float(booster.inplace_predict(columns.transform(pd.DataFrame([row])))[0]),
        rows,
        PEER_ROUNDS,
    )
    each = {name: percentiles for name, (percentiles, _) in found.items()}
    answers = [answered for _, answered in found.values()]
    same = all(np.allclose(answers[0], other, rtol=0, atol=TOLERANCE) for other in answers[1:])
    peers = {name: each[name]["p50"] for name in ("as_written", "tuned")}
    versions = {name: version(name) for name in ("bighead-kernels", "scikit-learn", "xgboost-cpu", "pandas")}
    extra = {"percentiles": each, "target": {"p50": 60.0, "ratio": 100.0}}
    told = {"higher_is_better": False, "versions": versions, "equal": same, "extra": extra}
    print(line("row_latency", "µs/row", each["ours"]["p50"], peers, **told))


if __name__ == "__main__":
    main()
