"""The numbers that encoders learn of categories, how they are stored and looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from bighead.pipeline_lib.pipeline.native import mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep, State
from bighead.pipeline_lib.transforms.categories import seen_values


@dataclass(frozen=True)
class Numbers:
    """What a column taught: for each output one number per category, and one for all that is no category."""

    categories: list[Any]
    values: list[list[float]]
    unknown: list[float]


def to_state(learnt: dict[str, Numbers]) -> State:
    """Return numbers as tables; columns of fewer outputs than others have null in the rest."""
    tables = seen_values.to_state({name: each.categories for name, each in learnt.items()})
    columns, long = tables["columns"], tables["categories"]
    assert isinstance(columns, pl.DataFrame)
    assert isinstance(long, pl.DataFrame)
    unknown = pl.Series("unknown", [each.unknown for each in learnt.values()], dtype=pl.List(pl.Float64))
    outputs = max((len(each.values) for each in learnt.values()), default=0)
    numbers = [
        pl.Series(f"number_{place}", _nth(learnt, place), dtype=pl.Float64) for place in range(outputs)
    ]
    return {"columns": columns.with_columns(unknown), "categories": long.with_columns(numbers)}


def from_state(state: State) -> dict[str, Numbers]:
    """Read what `to_state` wrote.

    Raises:
        ArtifactError: a category that belongs to no column.
    """
    columns, long = state["columns"], state["categories"]
    assert isinstance(columns, pl.DataFrame)
    assert isinstance(long, pl.DataFrame)
    seen = seen_values.from_state({"columns": columns, "categories": long.select("column", "place", "value")})
    parts = {name: part for (name,), part in long.partition_by("column", as_dict=True).items()}
    found = {}
    for name, unknown in columns.select("column", "unknown").iter_rows():
        part = parts.get(name, long.clear())
        values = [part[f"number_{place}"].to_list() for place in range(len(unknown))]
        found[name] = Numbers(seen[name], values, unknown)
    return found


def _nth(learnt: dict[str, Numbers], place: int) -> list[float | None]:
    """Return the numbers of one output, column after column."""
    found: list[float | None] = []
    for each in learnt.values():
        found += each.values[place] if place < len(each.values) else [None] * len(each.categories)
    return found


def looked_up(read: str, writes: Sequence[str], numbers: Numbers) -> list[PlanStep]:
    """Return primitives that answer one column's numbers; of several, the category is looked up only once."""
    seen, values, unknown = numbers.categories, numbers.values, numbers.unknown
    if len(writes) == 1:
        found = {"categories": seen, "values": values[0], "unknown": unknown[0]}
        return [{"op": "lookup", "input": read, "output": writes[0], **found}]
    if not writes:
        return []
    place, places = f"{writes[0]} place", [float(each) for each in range(len(seen) + 1)]
    looked = {"op": "index", "input": read, "output": place, "categories": seen, "unknown": float(len(seen))}
    # A line through all places answers a place's own number exactly.
    lines = zip(writes, values, unknown, strict=True)
    return [
        looked,
        *(mapped(place, w, "interpolate", **{"from": places, "to": [*v, u]}) for w, v, u in lines),
    ]
