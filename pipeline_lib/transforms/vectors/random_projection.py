"""Random projections: few sums of many columns, which keep rows about as far from each other as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bighead.pipeline_lib.transforms.vectors.projection import Projection


@dataclass(eq=False)
class GaussianRandomProjection(Projection):
    """Answer sums of the columns with normally distributed weights: `gaussian0`, `gaussian1` and so on.

    A row with a missing number is answered with missing. The reference is scikit-learn's GaussianRandomProjection;
    that distances hardly change is the lemma of Johnson and Lindenstrauss, 1984.

    Args:
        components: How many.
        random_state: Which weights.

    >>> import polars as pl
    >>> step = GaussianRandomProjection(2)
    >>> step.fit(pl.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [0.0], "b": [0.0], "c": [0.0]})).to_dicts()
    [{'gaussian0': 0.0, 'gaussian1': 0.0}]

    Raises:
        DefinitionError: fewer than one component.
        DataError: at fit, missing or infinite values.
        MissingExtraError: at fit, scikit-learn is not installed.
    """

    prefix: ClassVar[str] = "gaussian"
    random_state: int = 0

    def solver(self) -> Any:
        """Return scikit-learn's GaussianRandomProjection."""
        from sklearn.random_projection import GaussianRandomProjection as Solver

        return Solver(self.components, random_state=self.random_state)


@dataclass(eq=False)
class SparseRandomProjection(Projection):
    """Answer sums of a few of the columns, each added or subtracted: `sparse0`, `sparse1` and so on.

    A row with a missing number is answered with missing. The reference is scikit-learn's SparseRandomProjection (Li,
    Hastie and Church, 2006): of n columns each sum takes about √n.

    Args:
        components: How many.
        random_state: Which columns.

    >>> import polars as pl
    >>> step = SparseRandomProjection(1)
    >>> step.fit(pl.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [0.0], "b": [0.0], "c": [0.0]})).columns
    ['sparse0']

    Raises:
        DefinitionError: fewer than one component.
        DataError: at fit, missing or infinite values.
        MissingExtraError: at fit, scikit-learn is not installed.
    """

    prefix: ClassVar[str] = "sparse"
    random_state: int = 0

    def solver(self) -> Any:
        """Return scikit-learn's SparseRandomProjection."""
        from sklearn.random_projection import SparseRandomProjection as Solver

        return Solver(self.components, random_state=self.random_state)
