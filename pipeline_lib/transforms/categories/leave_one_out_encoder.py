"""LeaveOneOutEncoder: a category becomes the mean of its labels, in training of those of the other rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.transforms.categories.category_numbers import Floats, Groups
from bighead.pipeline_lib.transforms.categories.cross_fitting import LabelNumbers


@dataclass(eq=False)
class LeaveOneOutEncoder(LabelNumbers):
    """Make of each category the mean of its labels; `fit_transform` leaves the row's own label out of its value.

    A never-seen category becomes the mean of all labels, in `fit_transform` of all other rows' (null for an only
    row); missing is a category of its own where training had one. The reference is the definition of the mean.

    >>> import polars as pl
    >>> step, carriers = LeaveOneOutEncoder(), pl.DataFrame({"c": ["AA", "UA", "UA"]})
    >>> step.fit_transform(carriers, pl.Series([0.0, 1.0, 2.0]))["c"].to_list()
    [1.5, 2.0, 1.0]
    >>> step.transform(carriers)["c"].to_list()
    [0.0, 1.5, 1.5]

    Raises:
        DataError: at fit, no labels, missing or infinite ones, or texts of other than two classes; a column
            with infinite numbers.
    """

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Average the labels of each category."""
        return [groups.sums(groups.labels) / groups.counts], [float(groups.labels.mean())]

    def fit_transform(self, frame: pl.DataFrame, labels: pl.Series | None) -> pl.DataFrame:
        """Learn, and average for each row the labels of the other rows of its category."""
        targets = self.targets(labels)
        self.learn(frame, targets)
        label = pl.Series(targets)
        return pl.DataFrame([_others(series, label) for series in frame])


def _others(series: pl.Series, label: pl.Series) -> pl.Series:
    """Return for each row the mean label of the other rows of its category; of all others where it has none."""
    # Summing what comes before and after a row, unlike taking its label from the whole sum, leaves no rounding
    # of that label behind.
    before = pl.col("label").shift(1, fill_value=0.0).cum_sum()
    after = pl.col("label").reverse().shift(1, fill_value=0.0).cum_sum().reverse()
    total, others = before + after, pl.len() - 1
    table = pl.DataFrame({"category": series, "label": label}).select(
        total=total.over("category"), others=others.over("category"), all=total / others.cast(pl.Float64)
    )
    alone = pl.col("others") == 0
    mean = pl.when(alone).then(pl.col("all")).otherwise(pl.col("total") / pl.col("others"))
    return table.select(mean.fill_nan(None).alias(series.name)).to_series()
