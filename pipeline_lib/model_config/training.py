"""Step 4 of 9, fit: training rows become a fitted pipeline, measured on the newest questions it had not seen.

    fit ──────────────┤ purged ├── holdout ──────────┤ censored ├
                           cut = T − span                       T

A label is known at t + horizon + delay. Rows whose label is known only after the cut are purged from the first
fit, rows whose label is known only after T from everything; then the pipeline is fitted again on all that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.evaluation import Evaluation, Scores, evaluate, evaluate_classes, evaluate_numbers
from bighead.pipeline_lib.evaluation import importance as importance_of
from bighead.pipeline_lib.model_config.config import ModelConfig
from bighead.pipeline_lib.pipeline import Pipeline

SAMPLED_ROWS = 1000


@dataclass(frozen=True)
class Trained:
    """A fitted pipeline and what was measured before it was fitted again.

    `metrics` holds the holdout's metrics and the numbers of rows; `sample` rows of the inputs, evenly over
    time, for the artifact's proofs; `data_interval` the first question and the interval's end.
    """

    pipeline: Pipeline
    evaluation: Evaluation | Scores
    importance: dict[str, float]
    metrics: dict[str, float | None]
    sample: pl.DataFrame
    data_interval: tuple[datetime, datetime]


@dataclass(frozen=True)
class Split:
    """Training rows in the order of time, by what may be done with them."""

    fit: pl.DataFrame
    holdout: pl.DataFrame
    known: pl.DataFrame
    purged: int
    censored: int


def train(model: ModelConfig, frame: pl.DataFrame, interval_end: datetime) -> Trained:
    """Fit a clone of the model's pipeline on what is known at `interval_end` (aware; UTC counts).

    Args:
        model: The model; its own pipeline stays unfitted.
        frame: A training set's rows: its timestamp, row id, inputs and label.
        interval_end: T, where the data interval ends.

    Raises:
        SchemaError: the frame lacks a column of the training set, or its timestamp is no UTC time.
        DataError: nothing to fit or to measure on, or a step that cannot learn.
    """
    split = split_rows(model, frame, interval_end)
    label = model.source.label.column
    fitted = _fitted(model, split.fit)
    evaluation = _evaluation(fitted, split.holdout, label)
    final = _fitted(model, split.known) if model.holdout.refit else fitted
    rows = split.known if model.holdout.refit else split.fit
    counts = {
        "rows_fit": split.fit.height,
        "rows_holdout": split.holdout.height,
        "rows_purged": split.purged,
        "rows_censored": split.censored,
    }
    step = max(1, rows.height // SAMPLED_ROWS)
    return Trained(
        pipeline=final,
        evaluation=evaluation,
        importance=importance_of(final, split.holdout, split.holdout[label]),
        metrics={**evaluation.metrics, **counts},
        sample=rows.gather_every(step).head(SAMPLED_ROWS).select(final.input_columns),
        data_interval=(rows[model.source.timestamp][0], interval_end.astimezone(UTC)),
    )


def split_rows(model: ModelConfig, frame: pl.DataFrame, interval_end: datetime) -> Split:
    """Sort rows by time and part them at the cut, as the module's drawing shows.

    Raises:
        SchemaError, DataError: as `train`.
    """
    source = model.source
    t, label, order = source.timestamp, source.label, [source.timestamp, source.row_id]
    missing = [name for name in (*order, label.column) if name not in frame.columns]
    if missing:
        raise SchemaError.columns(
            f"the training rows of {model.name!r}", seen=frame.columns, expected=missing
        )
    dtype = frame.schema[t]
    if not isinstance(dtype, pl.Datetime) or dtype.time_zone != "UTC" or interval_end.tzinfo is None:
        raise SchemaError(
            f"{t!r} is {dtype} and the interval ends at {interval_end}.", cure="Both are UTC times."
        )
    end = interval_end.astimezone(UTC)
    cut = end - timedelta(microseconds=model.holdout.span_us)
    ready = pl.col(t) + timedelta(microseconds=label.horizon_us + label.delay_us)
    known = frame.filter((ready <= end) & pl.col(label.column).is_not_null()).sort(order)
    fit, holdout = known.filter(ready <= cut), known.filter(pl.col(t) >= cut)
    if fit.is_empty() or holdout.is_empty():
        raise DataError(
            f"{model.name!r} has {fit.height} rows to fit and {holdout.height} to measure on, cut at {cut}.",
            cure=f"Train on a longer interval, or with a shorter holdout than {model.holdout.span}.",
        )
    purged = known.height - fit.height - holdout.height
    return Split(fit, holdout, known, purged, frame.height - known.height)


def _fitted(model: ModelConfig, rows: pl.DataFrame) -> Pipeline:
    pipeline = model.pipeline.clone()
    for step in pipeline.steps:
        # A step without a seed of its own takes the model's.
        if getattr(step, "random_state", 0) is None:
            step.random_state = model.seed  # type: ignore[attr-defined]
    # Names that steps read may be those that other steps write.
    named = [name for name in pipeline.input_columns if name in rows.columns]
    columns = named or list(model.source.input_columns)
    roles = {name: model.source.origin(name) for name in columns}
    return pipeline.fit(rows.select(columns), rows[model.source.label.column], roles=roles)


def _evaluation(pipeline: Pipeline, rows: pl.DataFrame, label: str) -> Evaluation | Scores:
    model = pipeline.graph.model
    if model is None:
        raise DataError(
            f"the pipeline {pipeline.name!r} ends in no model.", cure="Add p >>= XGBClassifier()."
        )
    if not model.classifies:
        return evaluate_numbers(rows[label], pipeline.predict(rows))
    classes = pl.Series(model.classes)
    truth = rows[label].cast(classes.dtype)
    unseen = truth.filter(~truth.is_in(classes.implode())).unique().to_list()
    if unseen:
        raise DataError(f"the holdout has the classes {unseen}, which no earlier row has.")
    places = classes.search_sorted(truth)
    probabilities = pipeline.predict_proba(rows)
    if len(classes) == 2:
        return evaluate(places, probabilities[:, 1])
    return evaluate_classes(places, probabilities)
