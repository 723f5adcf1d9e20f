"""The scikit-learn pipeline of the serving benchmark, and the cheapest ways of asking it about one row."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

Row = dict[str, Any]
Answer = Callable[[Row], float]

# What scikit-learn offers to those who serve: its checks of values and parameters are off while it predicts.
TUNED = {"assume_finite": True, "skip_parameter_validation": True}
_thread = threading.local()


def tune() -> None:
    """Tune scikit-learn in this thread; its settings are kept by thread."""
    if not getattr(_thread, "tuned", False):
        sklearn.set_config(**TUNED)
        _thread.tuned = True


def fit(folder: Path, *, by_name: bool) -> Pipeline:
    """Fit on the table that our side wrote; `by_name` selects columns by name, else by position."""
    frame = pd.read_parquet(folder / "train.parquet")
    labels = frame.pop("label").to_numpy()
    numeric = [name for name in frame.columns if name.startswith("n")]
    categorical = [name for name in frame.columns if name.startswith("c")]
    if not by_name:
        numeric = [frame.columns.get_loc(name) for name in numeric]
        categorical = [frame.columns.get_loc(name) for name in categorical]
    numbers = Pipeline([("impute", SimpleImputer()), ("scale", StandardScaler())])
    # Dense: one row through a sparse matrix is slower, and XGBoost would take its zeros as missing.
    texts = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("numbers", numbers, numeric), ("texts", texts, categorical)], n_jobs=1)
    model = XGBClassifier(n_estimators=100, max_depth=5, learning_rate=0.1, n_jobs=1)
    pipeline = Pipeline([("columns", columns), ("model", model)])
    return pipeline.fit(frame if by_name else frame.to_numpy(dtype=object), labels)


def fitted(folder: Path, *, by_name: bool) -> Pipeline:
    """Return the fitted pipeline; it is fitted once and then kept in the folder."""
    kept = folder / f"peer_{'named' if by_name else 'placed'}.joblib"
    if not kept.exists():
        joblib.dump(fit(folder, by_name=by_name), kept)
    pipeline: Pipeline = joblib.load(kept)
    return pipeline


def ways(folder: Path) -> dict[str, Answer]:
    """Return the ways of asking about one row, by name."""
    named, placed = fitted(folder, by_name=True), fitted(folder, by_name=False)
    order = list(named.feature_names_in_)
    columns, model = placed.named_steps["columns"], placed.named_steps["model"]
    booster = model.get_booster()

    def frame(row: Row) -> float:
        tune()
        one = pd.DataFrame({name: [row.get(name)] for name in order})
        numeric = one.columns[:20]
        one[numeric] = one[numeric].astype(float)
        return float(named.predict_proba(one)[0, 1])

    def array(row: Row) -> float:
        tune()
        values = [np.nan if (value := row.get(name)) is None else value for name in order]
        return float(placed.predict_proba(np.array([values], dtype=object))[0, 1])

    def array_and_booster(row: Row) -> float:
        tune()
        values = [np.nan if (value := row.get(name)) is None else value for name in order]
        return float(booster.inplace_predict(columns.transform(np.array([values], dtype=object)))[0])

    return {"frame": frame, "array": array, "array_and_booster": array_and_booster}
