"""OrdinalEncoder: a value becomes its place among the sorted values of its column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from bighead_kernels import index

from bighead.pipeline_lib.pipeline.transformer import PlanStep, State, Transformer, arrow_column
from bighead.pipeline_lib.transforms.categories import seen_values
from bighead.pipeline_lib.transforms.categories.seen_values import Categories


@dataclass(eq=False)
class OrdinalEncoder(Transformer):
    """Answer int64 places from 0; missing and never-seen values become `unknown`.

    The reference is scikit-learn's OrdinalEncoder with `handle_unknown="use_encoded_value"`.

    Args:
        unknown: Their place; None leaves them missing.

    >>> step = OrdinalEncoder()
    >>> step.fit(pl.DataFrame({"c": ["UA", "AA"]}), None)
    >>> step.transform(pl.DataFrame({"c": ["AA", "UA", "XX", None]}))["c"].to_list()
    [0, 1, -1, -1]
    """

    unknown: int | None = -1
    seen: Categories = field(init=False, repr=False, default_factory=dict)

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn the values of each column."""
        self.seen = seen_values.learn(frame)

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Look up the place of each value."""
        places = [index(each, self.seen[each.name], self.unknown) for each in frame]
        return pl.DataFrame([arrow_column(s.name, made) for s, made in zip(frame, places, strict=True)])

    def state(self) -> State:
        """The values by column."""
        return seen_values.to_state(self.seen)

    def restore(self, state: State) -> None:
        """Take up the values."""
        self.seen = seen_values.from_state(state)

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Look up the place of each value."""
        return [
            {"op": "index", "input": i, "output": o, "categories": values, "unknown": self.unknown}
            for i, o, values in zip(inputs, outputs, self.seen.values(), strict=True)
        ]
