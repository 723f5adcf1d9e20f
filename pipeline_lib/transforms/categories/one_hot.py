"""OneHotLabelEncoder: one column of 0 and 1 for each value a column has taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa
from bighead_kernels import one_hot

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.transformer import PlanStep, State, Transformer, arrow_column
from bighead.pipeline_lib.transforms.categories import seen_values
from bighead.pipeline_lib.transforms.categories.seen_values import Categories

MISSING = ("zeros", "category")


@dataclass(eq=False)
class OneHotLabelEncoder(Transformer):
    """Answer `column=value` columns of 0 and 1; a value never seen in training gives zeros everywhere.

    The reference is scikit-learn's OneHotEncoder with `handle_unknown="ignore"`.

    Args:
        missing: What null gives: `zeros`, or a `category` of its own where training had one.

    >>> step = OneHotLabelEncoder()
    >>> step.fit(pl.DataFrame({"c": ["UA", "AA"]}), None)
    >>> step.transform(pl.DataFrame({"c": ["AA", "XX"]})).to_dicts()
    [{'c=AA': 1, 'c=UA': 0}, {'c=AA': 0, 'c=UA': 0}]

    Raises:
        DefinitionError: another word for `missing`.
    """

    missing: str = "zeros"
    seen: Categories = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.missing not in MISSING:
            raise DefinitionError(f"missing={self.missing!r}.", cure="Expected 'zeros' or 'category'.")

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn the values of each column."""
        self.seen = seen_values.learn(frame)
        if self.missing == "category":
            for series in frame:
                self.seen[series.name] += [None] if series.null_count() else []

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Mark the value of each column."""
        marked: list[pl.Series] = []
        for series in frame:
            values = self.seen[series.name]
            if values:
                marks = pa.record_batch(one_hot(series, values)).columns
                named = zip(marks, values, strict=True)
                marked += [arrow_column(label(series.name, value), mark) for mark, value in named]
        return pl.DataFrame(marked) if marked else pl.DataFrame(height=frame.height)

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return that each mark is made of its own column."""
        made = {label(name, value): (name,) for name in inputs for value in self.seen[name]}
        return {name: made[name] for name in outputs}

    def state(self) -> State:
        """The values by column."""
        return seen_values.to_state(self.seen)

    def restore(self, state: State) -> None:
        """Take up the values."""
        self.seen = seen_values.from_state(state)

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Mark the value of each column."""
        rest = iter(outputs)
        steps: list[PlanStep] = []
        for name, values in zip(inputs, self.seen.values(), strict=True):
            if values:
                made = [next(rest) for _ in values]
                marks = {"input": name, "outputs": made, "categories": values}
                steps.append({"op": "one_hot", **marks, "unknown": "zero"})
        return steps


def label(column: str, value: Any) -> str:
    """Return the name of a mark.

    >>> label("carrier", "UA"), label("late", True), label("carrier", None)
    ('carrier=UA', 'late=true', 'carrier is null')
    """
    if value is None:
        return f"{column} is null"
    return f"{column}={str(value).lower() if isinstance(value, bool) else value}"
