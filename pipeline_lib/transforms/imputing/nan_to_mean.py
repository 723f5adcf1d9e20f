"""NaNToMean: a missing number becomes the mean of those that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

import polars as pl
from bighead_kernels import fill, mean_std

from bighead.pipeline_lib.errors import DataError, quoted
from bighead.pipeline_lib.pipeline.transformer import NUMBERS, PlanStep, State, Transformer, arrow_column


@dataclass(eq=False)
class NaNToMean(Transformer):
    """Replace null and NaN by the training mean, column by column; answers float64.

    The reference is scikit-learn's SimpleImputer.

    Args:
        empty: What a column becomes that has no number at all in training; by default that is an error.

    >>> step = NaNToMean()
    >>> step.fit(pl.DataFrame({"n": [1.0, None, 3.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [None, 5.0]}))["n"].to_list()
    [2.0, 5.0]

    Raises:
        DataError: at fit, a column without a number, or with an infinite one.
    """

    empty: float | None = None
    means: dict[str, float] = field(init=False, repr=False, default_factory=dict)

    takes = NUMBERS
    cure = "Encode strings, as p[columns] >>= OneHotLabelEncoder()."

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn the mean of each column."""
        found = {series.name: column_moments(series) for series in frame}
        bare = [name for name, (_, _, count) in found.items() if count == 0]
        if bare and self.empty is None:
            raise DataError(
                f"no number at all in {quoted(bare)}.",
                cure="Leave the columns out, or say what they become: NaNToMean(empty=0.0).",
            )
        self.means = {
            name: mean if count else float(self.empty or 0.0) for name, (mean, _, count) in found.items()
        }

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Fill each column."""
        return pl.DataFrame([arrow_column(s.name, fill(s, self.means[s.name])) for s in frame])

    def state(self) -> State:
        """The means by column."""
        return {"means": pl.DataFrame({"column": list(self.means), "mean": list(self.means.values())})}

    def restore(self, state: State) -> None:
        """Take up the means."""
        table = state["means"]
        assert isinstance(table, pl.DataFrame)
        self.means = dict(zip(table["column"], table["mean"], strict=True))

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Fill each column."""
        return [
            {"op": "fill", "input": i, "output": o, "value": mean}
            for i, o, mean in zip(inputs, outputs, self.means.values(), strict=True)
        ]


def column_moments(series: pl.Series) -> tuple[float, float, int]:
    """Return mean, population standard deviation and count of a column's numbers.

    Raises:
        DataError: an infinite number, which has no mean.
    """
    try:
        mean, std, count = mean_std(series)
    except ValueError as error:
        raise DataError(
            f"column {series.name!r}: {error}.", cure="Leave such rows out, or clip the column at its source."
        ) from error
    if count and not (isfinite(mean) and isfinite(std)):
        raise DataError(
            f"column {series.name!r} is too large to learn from: its mean would be {mean}, its deviation {std}.",
            cure="Scale it at its source, or Clipper(low=…, high=…) first.",
        )
    return mean, std, count
