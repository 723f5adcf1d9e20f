"""Strings as a forest takes them: the place of each among the values of training; one never seen is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import SchemaError, quoted

# The values of each column of strings, in order: a value's code is its place.
Categories = dict[str, list[str]]
SCHEMA = {"column": pl.String, "category": pl.String}


def learn(frame: pl.DataFrame, allowed: bool, where: str) -> Categories:
    """Return the sorted values of each column of strings.

    >>> learn(pl.DataFrame({"room": ["flat", None, "attic"], "n": [1, 2, 3]}), True, "XGBoost")
    {'room': ['attic', 'flat']}

    Raises:
        SchemaError: there are strings, and they are not allowed.
    """
    texts = [series for series in frame if series.dtype == pl.String]
    if texts and not allowed:
        raise SchemaError(
            f"{where} got the strings {quoted(series.name for series in texts)}; it takes bool, float64, int64.",
            cure="Encode strings first, as p[columns] >>= OneHotLabelEncoder(), or set enable_categorical=True.",
        )
    return {series.name: series.drop_nulls().unique().sort().to_list() for series in texts}


def encode(frame: pl.DataFrame, categories: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Return columns of strings as codes.

    >>> encode(pl.DataFrame({"room": ["flat", "cave", None]}), {"room": ["attic", "flat"]})["room"].to_list()
    [1.0, None, None]
    """
    codes = [
        pl.col(name).replace_strict(values, range(len(values)), default=None, return_dtype=pl.Float64)
        if values
        else pl.lit(None, dtype=pl.Float64).alias(name)
        for name, values in categories.items()
    ]
    return frame.with_columns(codes)


def lower(
    inputs: Sequence[str], columns: Sequence[str], categories: Mapping[str, Sequence[str]], prefix: str
) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the names that the forest reads, and the steps that write those of codes, named by `prefix`."""
    names, steps = [], []
    for read, column in zip(inputs, columns, strict=True):
        if column not in categories:
            names.append(read)
            continue
        names.append(f"{prefix}·{column} code")
        listed = list(categories[column])
        steps.append(
            {"op": "index", "input": read, "output": names[-1], "categories": listed, "unknown": None}
        )
    return names, steps


def to_table(categories: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Return categories as a table, a row each; a column without values has one null."""
    none: list[str | None] = [None]
    rows = [
        {"column": name, "category": each}
        for name, values in categories.items()
        for each in [*values] or none
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def from_table(table: pl.DataFrame) -> Categories:
    """Return what `to_table` wrote.

    >>> from_table(to_table({"room": ["attic", "flat"], "empty": []}))
    {'room': ['attic', 'flat'], 'empty': []}
    """
    found: Categories = {}
    for name, category in table.iter_rows():
        found.setdefault(name, []).extend([] if category is None else [category])
    return found
