"""PCA: the directions in which columns vary most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bighead.pipeline_lib.transforms.vectors.projection import Projection


@dataclass(eq=False)
class PCA(Projection):
    """Answer the principal components: `pca0` is the direction in which the columns vary most, and so on.

    A row with a missing number is answered with missing. The reference is scikit-learn's PCA, of a full singular
    value decomposition (Pearson, 1901). Scale the columns first where their units differ.

    Args:
        components: How many, at most as many as there are columns or rows.
        whiten: Whether each is divided by its deviation.

    >>> import polars as pl
    >>> step = PCA(1)
    >>> step.fit(pl.DataFrame({"a": [0.0, 3.0, 6.0], "b": [0.0, 4.0, 8.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [3.0, None], "b": [4.0, 1.0]}))["pca0"].abs().round(6).to_list()
    [0.0, None]

    Raises:
        DefinitionError: fewer than one component.
        DataError: at fit, missing or infinite values, or too many components.
        MissingExtraError: at fit, scikit-learn is not installed.
    """

    prefix: ClassVar[str] = "pca"
    whiten: bool = False

    def solver(self) -> Any:
        """Return scikit-learn's PCA."""
        from sklearn.decomposition import PCA as Solver

        return Solver(self.components, whiten=self.whiten, svd_solver="full")
