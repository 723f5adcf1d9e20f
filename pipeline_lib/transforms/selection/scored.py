"""What selections by a score share: scikit-learn's scores of each column against the labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, MissingExtraError
from bighead.pipeline_lib.frameworks import labels as label_codes


def target_of(step: str, labels: pl.Series | None) -> tuple[np.ndarray[Any, Any], bool]:
    """Return labels as numbers, and whether they are classes: texts, truths and integers are.

    Raises:
        DataError: there are none.
    """
    if labels is None:
        raise DataError(f"a {step} learns labels, and there are none.", cure="p.fit(frame, labels).")
    if labels.dtype.is_float():
        return label_codes.numbers(labels), False
    return label_codes.encode(labels)[0], True


def import_selection() -> Any:
    """Return scikit-learn's module of selections.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import sklearn.feature_selection as selection
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "train") from error
    return selection


def best(columns: list[str], scores: np.ndarray[Any, Any], count: int) -> list[str]:
    """Return the columns of the highest scores, of equal ones the last, as scikit-learn does; no score is the lowest.

    >>> best(["a", "b", "c"], np.array([1.0, 3.0, np.nan]), 2)
    ['a', 'b']
    """
    known = np.where(np.isnan(scores), np.finfo(np.float64).min, scores)
    order = np.argsort(known, kind="mergesort")
    return [columns[place] for place in sorted(order[max(0, len(columns) - count) :])]
