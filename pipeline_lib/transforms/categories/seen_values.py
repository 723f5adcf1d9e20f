"""The values that a column has taken, in order: what encoders learn and store."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import ArtifactError
from bighead.pipeline_lib.pipeline.transformer import State

Categories = dict[str, list[Any]]


def learn(frame: pl.DataFrame) -> Categories:
    """Return each column's values, sorted; missing is none of them.

    >>> learn(pl.DataFrame({"c": ["b", None, "a", "b"]}))
    {'c': ['a', 'b']}
    """
    return {series.name: series.drop_nulls().unique().sort().to_list() for series in frame}


def to_state(categories: Categories) -> State:
    """Return categories as a table: column, place, and the value as JSON, which keeps 1, 1.0, "1" and true apart."""
    rows = [
        (column, place, json.dumps(value, ensure_ascii=False))
        for column, values in categories.items()
        for place, value in enumerate(values)
    ]
    schema = {"column": pl.String, "place": pl.Int64, "value": pl.String}
    names = pl.DataFrame({"column": list(categories)}, schema={"column": pl.String})
    return {"columns": names, "categories": pl.DataFrame(rows, schema=schema, orient="row")}


def from_state(state: State) -> Categories:
    """Read what `to_state` wrote.

    Raises:
        ArtifactError: a value that belongs to no column.
    """
    names, table = state["columns"], state["categories"]
    assert isinstance(names, pl.DataFrame)
    assert isinstance(table, pl.DataFrame)
    found: Categories = {name: [] for name in names["column"]}
    for column, _, value in table.iter_rows():
        if column not in found:
            raise ArtifactError(f"the categories name an unknown column {column!r}.")
        found[column].append(json.loads(value))
    return found
