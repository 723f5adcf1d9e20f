"""What every transform of primitives must hold, asked of one fitted step."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import polars as pl
from bighead_kernels import Plan

from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.pipeline.lowering import lower, plan_rows
from bighead.pipeline_lib.pipeline.transformer import Transformer


def made(
    step: Transformer, train: pl.DataFrame, seen: pl.DataFrame, labels: pl.Series | None = None
) -> pl.DataFrame:
    """Fit a step and return what it makes of rows, after everything that must hold whatever it makes.

    Row by row is the same as all rows at once, the serving plan as the table, what was stored as what was learnt.
    """
    step.fit(train, labels)
    answer = step.transform(seen)
    assert answer.height == seen.height
    for row in range(seen.height):
        same(step.transform(seen[row]), answer[row])
    same(stored(step).transform(seen), answer)
    same(planned(step, train, seen, labels), answer)
    return answer


def same(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """Bit for bit."""
    assert one.columns == other.columns
    for name in one.columns:
        if one[name].dtype in (pl.String, pl.Datetime):
            assert one[name].to_list() == other[name].to_list(), name
            continue
        left, right = (
            each[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for each in (one, other)
        )
        assert np.array_equal(left.view(np.int64), right.view(np.int64)), (name, left, right)


def stored(step: Transformer) -> Transformer:
    """Return the step as an artifact gives it back."""
    state = {}
    for part, value in step.state().items():
        assert isinstance(value, pl.DataFrame)
        buffer = io.BytesIO()
        value.write_ipc(buffer, compat_level=pl.CompatLevel.oldest())
        state[part] = pl.read_ipc(io.BytesIO(buffer.getvalue()))
    params = json.loads(json.dumps(step.params()))
    return type(step).from_state(params, state)


def planned(
    step: Transformer, train: pl.DataFrame, seen: pl.DataFrame, labels: pl.Series | None
) -> pl.DataFrame:
    """Return what the serving plan of a pipeline with this step makes of rows, given as dictionaries."""
    pipeline = Pipeline("one")
    pipeline[train.columns] >>= step.clone()
    pipeline.fit(train, labels)
    plan = Plan.from_spec(json.dumps(lower(pipeline.graph)))
    rows = plan.predict_rows(plan_rows(seen.select(train.columns)))
    dtypes = pipeline.answer(seen).schema
    return pl.DataFrame(
        [
            _column([row[place] for row in rows], name, dtype)
            for place, (name, dtype) in enumerate(dtypes.items())
        ]
    )


def _column(values: list[Any], name: str, dtype: pl.DataType) -> pl.Series:
    """Values as the plan answers them: truths are numbers there, times whole microseconds."""
    return pl.Series(
        name, values, dtype=dtype if dtype in (pl.String, pl.Datetime) else pl.Float64, strict=False
    )
