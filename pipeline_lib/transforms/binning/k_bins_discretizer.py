"""KBinsDiscretizer: a number becomes the place of its bin, of bins that were learnt."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError, MissingExtraError, UnknownNameError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of

STRATEGIES = ("uniform", "quantile", "kmeans")


@dataclass(eq=False)
class KBinsDiscretizer(ColumnTransformer):
    """Answer places from 0; what lies beyond the training values is in the first or last bin. Missing stays missing.

    The reference is scikit-learn's KBinsDiscretizer(encode="ordinal"). Edges that coincide make fewer bins.

    Args:
        bins: How many, 2 or more.
        strategy: `uniform`, of equal width; `quantile`, of equally many training values; `kmeans`, around clusters.

    >>> step = KBinsDiscretizer(2, "uniform")
    >>> step.fit(pl.DataFrame({"n": [0.0, 10.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [-1.0, 4.9, 5.0, 99.0, None]}))["n"].to_list()
    [0.0, 0.0, 1.0, 1.0, None]

    Raises:
        DefinitionError: fewer than two bins.
        UnknownNameError: another strategy.
        DataError: at fit, a column without a number, or with an infinite one, or with fewer numbers than clusters.
        MissingExtraError: at fit by clusters, scikit-learn is not installed.
    """

    bins: int = 5
    strategy: str = "quantile"

    def __post_init__(self) -> None:
        if self.bins < 2:
            raise DefinitionError(f"bins={self.bins}.", cure="Expected two or more.")
        if self.strategy not in STRATEGIES:
            raise UnknownNameError("strategy of binning", self.strategy, STRATEGIES)

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn the edges between bins."""
        numbers = numbers_of(series)
        if numbers.min() == numbers.max():
            return {"edges": []}
        if self.strategy == "uniform":
            edges = np.linspace(numbers.min(), numbers.max(), self.bins + 1)
        elif self.strategy == "quantile":
            edges = np.percentile(numbers, np.linspace(0, 100, self.bins + 1))
        else:
            edges = self._around_clusters(series.name, numbers)
        if self.strategy != "uniform":
            # As scikit-learn: bins that are only as wide as rounding are none.
            edges = edges[np.diff(edges, prepend=-np.inf) > 1e-8]
        inner = np.unique(edges[1:-1])
        return {"edges": inner.tolist()}

    def _around_clusters(
        self, name: str, numbers: np.ndarray[tuple[int], np.dtype[np.float64]]
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        try:
            from sklearn.cluster import KMeans
            from sklearn.exceptions import ConvergenceWarning
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "train") from error
        if len(numbers) < self.bins:
            raise DataError(
                f"column {name!r} has {len(numbers)} numbers for {self.bins} clusters.",
                cure=f"Ask for at most {len(numbers)} bins, or strategy='quantile'.",
            )
        start = np.linspace(numbers.min(), numbers.max(), self.bins + 1)
        centres = ((start[1:] + start[:-1]) / 2)[:, None]
        with warnings.catch_warnings():
            # Fewer distinct numbers than clusters: edges that coincide are merged.
            warnings.simplefilter("ignore", ConvergenceWarning)
            found = KMeans(self.bins, init=centres, n_init=1).fit(numbers[:, None]).cluster_centers_[:, 0]
        found.sort()
        return np.concatenate([[numbers.min()], (found[1:] + found[:-1]) / 2, [numbers.max()]])

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Count edges."""
        return [mapped(read, write, "bin", edges=[*learnt["edges"]])]
