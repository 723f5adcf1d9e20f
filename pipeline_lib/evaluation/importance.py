"""What each *input feature* contributed, whatever columns the steps have made of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, UnknownNameError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.pipeline.frames import to_frame, to_labels

METHODS = ("auto", "gain", "permutation")


def importance(
    pipeline: Pipeline, frame: Any, labels: Any, *, method: str = "auto", seed: int = 0
) -> dict[str, float]:
    """Return each input's importance, largest first.

    Args:
        pipeline: A fitted pipeline that ends in a model.
        frame: Rows to permute; not read for `gain`.
        labels: Their labels.
        method: `gain` – the model's own gain in training, summed over the columns made of an input, as shares
            of 1; `permutation` – how much the log-loss (or squared error) rises when an input is shuffled (Breiman,
            Random Forests, 2001); or `auto` – `gain` where the model knows it, else `permutation`.
        seed: How rows are shuffled.

    Raises:
        UnknownNameError: another method.
        DataError: the pipeline does not end in a model, or `gain` was asked of one that knows none.
    """
    if method not in METHODS:
        raise UnknownNameError("method of importance", method, METHODS)
    model = pipeline.graph.model
    if model is None:
        raise DataError(f"{pipeline.name!r} ends in no model.", cure="Add p >>= model.")
    found = None if method == "permutation" else _gain(pipeline)
    if found is None and method == "gain":
        raise DataError(
            f"{type(model).__name__} does not say what its inputs contributed.",
            cure='Ask for method="permutation".',
        )
    if found is None:
        found = _permutation(pipeline, frame, labels, seed)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _gain(pipeline: Pipeline) -> dict[str, float] | None:
    graph = pipeline.graph
    last = graph.nodes[-1]
    assert graph.model is not None
    try:
        gains, behind = graph.model.gains(), graph.lineage()
    except NotImplementedError:
        return None
    found = dict.fromkeys(pipeline.input_columns, 0.0)
    for column in last.inputs:
        parts = behind[column]
        for name in parts:
            # A column made of several inputs gives each an equal share.
            found[name] += gains[column.name] / len(parts)
    total = sum(found.values())
    return {name: value / total if total else 0.0 for name, value in found.items()}


def _permutation(pipeline: Pipeline, data: Any, labels: Any, seed: int) -> dict[str, float]:
    frame = to_frame(data)
    truth, _ = to_labels(labels, frame)
    rows = frame.select(pipeline.input_columns)
    base, random = _loss(pipeline, rows, truth), np.random.default_rng(seed)
    found = {}
    for name in pipeline.input_columns:
        order = random.permutation(rows.height).tolist()
        found[name] = _loss(pipeline, rows.with_columns(rows[name].gather(order)), truth) - base
    return found


def _loss(pipeline: Pipeline, rows: pl.DataFrame, truth: pl.Series) -> float:
    model = pipeline.graph.model
    assert model is not None
    if not model.classifies:
        return float(np.mean((truth.cast(pl.Float64).to_numpy() - pipeline.predict(rows).to_numpy()) ** 2))
    classes = pl.Series(model.classes)
    places = classes.search_sorted(truth.cast(classes.dtype)).to_numpy()
    given = pipeline.predict_proba(rows)[np.arange(rows.height), places]
    return float(-np.log(given.clip(np.finfo(np.float64).eps, 1.0)).mean())
