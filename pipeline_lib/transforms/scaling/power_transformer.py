"""PowerTransformer: a column is bent until it looks like a normal distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, MissingExtraError, UnknownNameError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped, scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of

FAMILIES = {"yeo_johnson": "yeo-johnson", "box_cox": "box-cox"}


@dataclass(eq=False)
class PowerTransformer(ColumnTransformer):
    """Apply the Yeo–Johnson or Box–Cox transform whose λ makes the training values likeliest, and standardise.

    Missing stays missing. The reference is scikit-learn's PowerTransformer, which also finds λ. Box and Cox, 1964, take
    positive numbers: of others it answers missing. Yeo and Johnson, 2000, take all.

    Args:
        family: `yeo_johnson` or `box_cox`.
        standardize: Whether mean 0 and variance 1 follow.

    >>> step = PowerTransformer(standardize=False)
    >>> step.fit(pl.DataFrame({"n": [1.0, 2.0, 4.0, 8.0, 16.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [0.0, None]}))["n"].to_list()
    [0.0, None]

    Raises:
        UnknownNameError: another family.
        DataError: at fit, a column without a number, with an infinite one, or, for Box–Cox, with one below or at 0.
        MissingExtraError: at fit, scikit-learn is not installed.
    """

    family: str = "yeo_johnson"
    standardize: bool = True

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise UnknownNameError("family of power transforms", self.family, FAMILIES)

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn λ, and the mean and deviation of what it makes."""
        try:
            from sklearn.preprocessing import PowerTransformer as Solver
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "train") from error
        numbers = numbers_of(series)
        if self.family == "box_cox" and numbers.min() <= 0:
            raise DataError(
                f"the least of {series.name!r} is {numbers.min()}; Box–Cox takes positive numbers.",
                cure='PowerTransformer(family="yeo_johnson") takes all.',
            )
        if numbers.min() == numbers.max():
            # Any λ is as likely as any other; 1 changes least.
            return {"lambda": 1.0, "center": float(numbers[0]) - (self.family == "box_cox"), "scale": 1.0}
        solver = Solver(method=FAMILIES[self.family], standardize=False).fit(numbers[:, None])
        made = solver.transform(numbers[:, None])
        scale = float(np.std(made)) or 1.0
        return {"lambda": float(solver.lambdas_[0]), "center": float(np.mean(made)), "scale": scale}

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Bend, and standardise where that is asked for."""
        bent = f"{write} bent" if self.standardize else write
        steps = [mapped(read, bent, "power", family=self.family, **{"lambda": learnt["lambda"]})]
        return [*steps, scaled(bent, write, learnt["center"], learnt["scale"])] if self.standardize else steps
