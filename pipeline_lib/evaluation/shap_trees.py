"""What each input contributed to each answer of a forest: exact path-dependent TreeSHAP.

Source: Lundberg, Erion and Lee, "Consistent Individualized Feature Attribution for Tree Ensembles" (2018), Algorithm 2.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import polars as pl
from bighead_kernels import TreeExplainer

from bighead.pipeline_lib.errors import DataError, UnknownNameError
from bighead.pipeline_lib.evaluation.explained_forest import ExplainedForest, explained_forest
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.pipeline.frames import to_frame
from bighead.pipeline_lib.pipeline.graph import Graph
from bighead.pipeline_lib.pipeline.plan_of_step import PlanOfStep
from bighead.pipeline_lib.pipeline.running import run_graph
from bighead.pipeline_lib.pipeline.schema import conform

_Array = np.ndarray[Any, Any]
EXPECTED = "(expected)"
LEVELS = ("input", "column")


def shap_values(pipeline: Pipeline, data: Any, *, by: Literal["input", "column"] = "input") -> pl.DataFrame:
    """Return how much each input moved each answer away from the expected one, a row for each row.

    The numbers of a row add up to the margin: the log-odds of a boosted classifier, the logarithm where the objective
    has such a link, a random forest's own answer otherwise. The last column, `(expected)`, is the mean margin of
    the training data. Where there are several answers, each has all columns, named as `probability_flat: price`.

    Args:
        pipeline: A fitted pipeline that ends in a forest: XGBoost's, LightGBM's or scikit-learn's trees.
        data: Rows as `pipeline.transform` takes them.
        by: `input` – what the caller gives; a column made of several inputs gives each an equal share – or `column`,
            what the model reads.

    Returns:
        float64 columns.

    Raises:
        UnknownNameError: another `by`.
        DataError: the pipeline does not end in a model.
        UnsupportedStepError: the model is no forest.

    >>> from bighead.pipeline_lib.frameworks import XGBRegressor
    >>> p = Pipeline("nights")
    >>> p["n"] >>= XGBRegressor(n_estimators=1, max_depth=1, learning_rate=1.0, reg_lambda=0.0, base_score=0.0)
    >>> p = p.fit({"n": [0.0, 1.0]}, [0.0, 4.0])
    >>> shap_values(p, {"n": [1.0]}).to_dicts()
    [{'n': 2.0, '(expected)': 2.0}]
    """
    if by not in LEVELS:
        raise UnknownNameError("level of contributions", by, LEVELS)
    graph = pipeline.graph
    model, last = graph.model, graph.nodes[-1]
    if model is None:
        raise DataError(f"{pipeline.name!r} ends in no model.", cure="Add p >>= model.")
    rows = _read(graph, conform(f"the rows of {pipeline.name!r}", to_frame(data), graph.inputs))
    names = [f"in {at}" for at in range(rows.width)]
    forest = explained_forest(model, names)
    values = _contributions(forest, rows, names, len(model.answers()))
    # What the model reads → what the caller gives.
    behind = graph.lineage()
    levels = pipeline.input_columns if by == "input" else tuple(rows.columns)
    spread = np.zeros((len(names), len(levels)))
    for at, column in enumerate(last.inputs):
        parts = behind[column] if by == "input" else (column.name,)
        for part in parts:
            spread[at, levels.index(part)] = 1.0 / len(parts)
    return _framed(values[:, :, :-1] @ spread, values[:, :, -1], levels, model.answers())


def _read(graph: Graph, frame: pl.DataFrame) -> pl.DataFrame:
    """What the model reads of the rows."""
    last = graph.nodes[-1]
    if len(graph.nodes) == 1:
        return frame.select([column.name for column in last.inputs])
    before = graph.prefix(len(graph.nodes) - 1)
    reads = replace(before.nodes[-1], live=last.inputs)
    return run_graph(replace(before, nodes=(*before.nodes[:-1], reads)), frame)


def _contributions(forest: ExplainedForest, rows: pl.DataFrame, names: list[str], groups: int) -> _Array:
    """Rows × margins × (what the model reads + 1), the last being the expected margin."""
    reads = list(dict.fromkeys(forest.trees["inputs"]))
    coded = PlanOfStep(names, reads, reads, forest.coding).answer(rows)
    explainer = TreeExplainer.from_spec(json.dumps(forest.trees, allow_nan=False))
    flat = pl.Series(explainer.contributions(coded.cast(pl.Float64))).to_numpy()
    found = flat.reshape(rows.height, groups, len(reads) + 1) / forest.divisor
    values = np.zeros((rows.height, groups, len(names) + 1))
    for at, origin in enumerate(forest.origins(names)):
        values[:, :, names.index(origin)] += found[:, :, at]
    values[:, :, -1] = found[:, :, -1]
    return values


def _framed(
    values: _Array, expected: _Array, levels: tuple[str, ...], answers: tuple[str, ...]
) -> pl.DataFrame:
    columns: dict[str, _Array] = {}
    for group, answer in enumerate(answers):
        before = f"{answer}: " if len(answers) > 1 else ""
        columns |= {f"{before}{name}": values[:, group, at] for at, name in enumerate(levels)}
        columns[f"{before}{EXPECTED}"] = expected[:, group]
    return pl.DataFrame(columns)
