"""SklearnTransformer: any transformer of scikit-learn as a step that can be stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.frameworks.sklearn_output import columns_of, names_of
from bighead.pipeline_lib.frameworks.sklearn_step import SklearnStep

# In training these answer each row as if they had not seen its label.
_CROSS_FITTED = ("TargetEncoder",)
_METHODS = ("transform", "predict_proba", "predict")


class SklearnTransformer(SklearnStep):
    """A transformer of scikit-learn as a step.

    A clusterer answers the cluster, a mixture its probabilities, a detector of outliers 1 or −1. Columns are named by
    `get_feature_names_out`. A row with a missing or infinite number is answered with missing, unless the estimator
    takes such; a sparse answer of more than 512 columns is one column of the type `sparse`.

    Args:
        estimator: An object of scikit-learn with `transform` or `predict`; each fit takes a copy of it.

    >>> from sklearn.decomposition import PCA
    >>> step = SklearnTransformer(PCA(1))
    >>> step.fit(pl.DataFrame({"a": [0.0, 1.0, 2.0], "b": [0.0, 2.0, 4.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [1.0, None], "b": [2.0, 2.0]})).columns
    ['pca0']

    Raises:
        DefinitionError: an object that answers nothing to new rows, as t-SNE.
    """

    def __init__(self, estimator: Any) -> None:
        if estimator is not None and not any(hasattr(estimator, each) for each in _METHODS):
            raise DefinitionError(
                f"a {type(estimator).__name__} answers nothing to rows that it was not fitted on.",
                cure="Use one with transform or predict.",
            )
        super().__init__(estimator)

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Fit a copy of the estimator."""
        self.fit_transform(frame, labels)

    def fit_transform(self, frame: pl.DataFrame, labels: pl.Series | None) -> pl.DataFrame:
        """Fit a copy of the estimator, and return what it makes of the rows."""
        rows = self._prepared(frame)
        target = None if labels is None else labels.to_numpy()
        if type(self.estimator).__name__ in _CROSS_FITTED:
            _fold(self.estimator, labels)
            made = self._named(self.estimator.fit_transform(rows, target))
        else:
            self.estimator.fit(rows) if target is None else self.estimator.fit(rows, target)
            made = self._named(self._made(rows))
        self.schema = dict(made.schema)
        native = None if type(self.estimator).__name__ in _CROSS_FITTED else self._native(frame, made.columns)
        return made if native is None else native

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return what the estimator makes of the rows."""
        made = self._native(frame, [*self.schema]) if self.schema else None
        return self._answers(frame, lambda rows: self._named(self._made(rows))) if made is None else made

    def _made(self, rows: Any) -> Any:
        method = next(each for each in _METHODS if hasattr(self.estimator, each))
        return getattr(self.estimator, method)(rows)

    def _named(self, made: Any) -> pl.DataFrame:
        fallback = type(self.estimator).__name__.lower()
        # Where it answers otherwise than by transform, names of its transform are another matter.
        names = names_of(self.estimator, self.columns) if hasattr(self.estimator, "transform") else None
        inputs: Sequence[str] = self.columns if hasattr(self.estimator, "transform") else ()
        return columns_of(made, names, fallback, inputs)


def _fold(encoder: Any, labels: pl.Series | None) -> None:
    """Deal rows to folds by seed 0 where the user gives no seed; scikit-learn takes it from the process since 1.9."""
    if getattr(encoder, "random_state", None) != "deprecated" or not isinstance(encoder.cv, int):
        return
    from sklearn.model_selection import KFold, StratifiedKFold

    numbers = labels is not None and labels.dtype.is_float()
    encoder.set_params(cv=(KFold if numbers else StratifiedKFold)(encoder.cv, shuffle=True, random_state=0))
