"""What compiled code trusts an estimator to hold, looked at before it runs: shapes that fit each other."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_estimator(estimator: Any) -> None:
    """Refuse an estimator whose parts contradict each other so that compiled code would read beyond them.

    Raises:
        ValueError: naming what does not fit.
    """
    features = getattr(estimator, "n_features_in_", None)
    tree = vars(estimator).get("tree_")
    if hasattr(tree, "node_count") and tree.n_features != features:
        raise ValueError(f"a tree of {tree.n_features} columns in an estimator of {features}")
    members = vars(estimator).get("estimators_")
    # Bags may give their members some of the columns; ensembles of trees give them all.
    if (
        type(estimator).__module__ in ("sklearn.ensemble._forest", "sklearn.ensemble._gb")
        and members is not None
    ):
        odd = [each for each in np.ravel(members) if getattr(each, "n_features_in_", None) != features]
        if odd:
            raise ValueError(f"an ensemble of {features} columns holds trees of others")
    if type(estimator).__module__.endswith("_hist_gradient_boosting.gradient_boosting"):
        _check_boosted(estimator, features)
    if "support_vectors_" in vars(estimator) and "_n_support" in vars(estimator):
        _check_support(estimator, features)


def _check_boosted(estimator: Any, features: int | None) -> None:
    for stage in vars(estimator).get("_predictors", ()):
        for predictor in stage:
            used = predictor.nodes["feature_idx"][predictor.nodes["is_leaf"] == 0].astype(np.int64)
            if len(used) and (used.min() < 0 or used.max() >= (features or 0)):
                raise ValueError(f"a boosted tree asks for column {used.max()} of {features}")


def _check_support(estimator: Any, features: int | None) -> None:
    vectors, weights, counts = estimator.support_vectors_, estimator._dual_coef_, estimator._n_support
    kept = vectors.shape[0]
    dense_fits = vectors.ndim == 2 and (
        vectors.shape[1] == features or estimator.kernel == "precomputed" or kept == 0
    )
    classes = max(len(counts), 2)
    biases = len(estimator._intercept_)
    binary = len(counts) <= 2 or "classes_" not in vars(estimator)
    if (
        not dense_fits
        or (counts < 0).any()
        or weights.shape[1] != kept
        or len(estimator.support_) != kept
        or ("classes_" in vars(estimator) and int(counts.sum()) != kept)
        or (not binary and weights.shape[0] != classes - 1)
        or (not binary and biases != classes * (classes - 1) // 2)
        or biases < 1
    ):
        raise ValueError("the support vectors, their weights and their counts do not fit")
