"""StandardScaler: every column gets mean 0 and standard deviation 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from bighead.pipeline_lib.errors import DataError, quoted
from bighead.pipeline_lib.pipeline.native import NativeTransformer, scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep, State
from bighead.pipeline_lib.transforms.imputing.nan_to_mean import column_moments


@dataclass(eq=False)
class StandardScaler(NativeTransformer):
    """Subtract the training mean and divide by the population standard deviation; a constant is divided by 1.

    Missing values are left out of both and stay missing; answers float64. The reference is scikit-learn's
    StandardScaler.

    >>> step = StandardScaler()
    >>> step.fit(pl.DataFrame({"n": [1.0, 3.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [2.0, 5.0]}))["n"].to_list()
    [0.0, 3.0]

    Raises:
        DataError: at fit, a column without a number, or with an infinite one.
    """

    centers: dict[str, float] = field(init=False, repr=False, default_factory=dict)
    scales: dict[str, float] = field(init=False, repr=False, default_factory=dict)

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn center and scale of each column."""
        found = {series.name: column_moments(series) for series in frame}
        bare = [name for name, (_, _, count) in found.items() if count == 0]
        if bare:
            raise DataError(
                f"no number at all in {quoted(bare)}.", cure="Leave them out, or NaNToMean(empty=0.0) first."
            )
        self.centers = {name: mean for name, (mean, _, _) in found.items()}
        self.scales = {name: std if std > 0.0 else 1.0 for name, (_, std, _) in found.items()}

    def state(self) -> State:
        """Centers and scales by column."""
        columns = {"column": list(self.centers), "center": list(self.centers.values())}
        return {"moments": pl.DataFrame({**columns, "scale": list(self.scales.values())})}

    def restore(self, state: State) -> None:
        """Take up centers and scales."""
        table = state["moments"]
        assert isinstance(table, pl.DataFrame)
        self.centers = dict(zip(table["column"], table["center"], strict=True))
        self.scales = dict(zip(table["column"], table["scale"], strict=True))

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Shift and scale each column."""
        moments = zip(inputs, outputs, self.centers.values(), self.scales.values(), strict=True)
        return [scaled(*each) for each in moments]
