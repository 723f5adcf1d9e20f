"""Rows come in as what people hold, and answers go out as the same kind."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.frameworks import LogisticRegression
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.pipeline.frames import to_frame
from bighead.pipeline_lib.transforms import NaNToMean

ROWS = pl.DataFrame({"x0": [1.0, None, 3.0, 8.0], "x1": [0.5, 1.5, None, 4.0]})
LABELS = [0, 1, 0, 1]
MATRIX = ROWS.fill_null(float("nan")).to_numpy()
KINDS = {
    "polars": ROWS,
    "pandas": ROWS.to_pandas(),
    "arrow": ROWS.to_arrow(),
    "duckdb": lambda: duckdb.from_arrow(ROWS.to_arrow()),
    "matrix": MATRIX,
    "objects": MATRIX.astype(object),
    "structured": ROWS.fill_null(float("nan")).to_numpy(structured=True),
    "dicts": ROWS.to_dicts(),
    "arrays": {name: MATRIX[:, place] for place, name in enumerate(ROWS.columns)},
}


def given(kind):
    return KINDS[kind]() if callable(KINDS[kind]) else KINDS[kind]


def fitted() -> Pipeline:
    p = Pipeline("p")
    p[["x0", "x1"]] >>= NaNToMean()
    p >>= LogisticRegression()
    return p.fit(ROWS, LABELS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_learnt_and_answered_alike_and_comes_back_as_itself(kind):
    expected = fitted().transform(ROWS)
    p = Pipeline("p")
    p[["x0", "x1"]] >>= NaNToMean()
    p >>= LogisticRegression()
    answer = p.fit(given(kind), LABELS).transform(given(kind))
    assert type(answer) is type(given(kind))
    np.testing.assert_array_equal(to_frame(answer).to_numpy(), expected.to_numpy())
    predicted = p.predict(given(kind))
    assert [
        int(each) for each in (predicted.to_pylist() if isinstance(predicted, pa.Array) else predicted)
    ] == [int(each) for each in fitted().predict(ROWS)]


def test_pandas_keeps_its_index_and_objects_may_be_of_several_types():
    answer = fitted().transform(ROWS.to_pandas().set_index(pd.Index([7, 8, 9, 10])))
    assert answer.index.tolist() == [7, 8, 9, 10]
    mixed = np.array([[1, "a"], [None, "b"]], dtype=object)
    assert to_frame(mixed).schema == {"x0": pl.Int64, "x1": pl.String}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (np.zeros(3), "1 dimensions, expected 2"),
        (7, "rows came as a int.*DuckDB relation, a NumPy array"),
        ({"a": [1], "b": [1, 2]}, "cannot be read"),
    ],
)
def test_what_is_no_table_is_refused(data, told):
    with pytest.raises(DataError, match=told):
        to_frame(data)
