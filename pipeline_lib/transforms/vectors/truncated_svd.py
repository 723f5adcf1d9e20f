"""TruncatedSVD: the directions that columns have most of, without centring them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bighead.pipeline_lib.transforms.vectors.projection import Projection


@dataclass(eq=False)
class TruncatedSVD(Projection):
    """Answer the strongest directions of a singular value decomposition: `svd0`, `svd1` and so on.

    A row with a missing number is answered with missing. The reference is scikit-learn's TruncatedSVD of the solver
    `arpack`; of counts of words it is latent semantic analysis (Deerwester et al., 1990).

    Args:
        components: How many, fewer than there are columns.
        random_state: Where the solver starts.

    >>> import polars as pl
    >>> step = TruncatedSVD(1)
    >>> step.fit(pl.DataFrame({"a": [3.0, 6.0], "b": [4.0, 8.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [0.0], "b": [10.0]}))["svd0"].round(6).to_list()
    [8.0]

    Raises:
        DefinitionError: fewer than one component.
        DataError: at fit, missing or infinite values, or too many components.
        MissingExtraError: at fit, scikit-learn is not installed.
    """

    prefix: ClassVar[str] = "svd"
    random_state: int = 0

    def solver(self) -> Any:
        """Return scikit-learn's TruncatedSVD."""
        from sklearn.decomposition import TruncatedSVD as Solver

        return Solver(self.components, algorithm="arpack", random_state=self.random_state)
