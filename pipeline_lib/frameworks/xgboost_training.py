"""Trains one booster of XGBoost, stopping early where that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bighead.pipeline_lib.errors import DataError, MissingExtraError
from bighead.pipeline_lib.frameworks.boosted_trees import OURS, constraints, told
from bighead.pipeline_lib.frameworks.training_rows import TrainingRows
from bighead.pipeline_lib.pipeline.transformer import matrix

if TYPE_CHECKING:
    from bighead.pipeline_lib.frameworks.xgboost_model import XGBModel

LARGEST = float(np.finfo(np.float32).max)
_DART = {"sample_type", "normalize_type", "rate_drop", "skip_drop", "one_drop"}
_LINEAR = {"objective", "learning_rate", "reg_alpha", "reg_lambda", "base_score", "scale_pos_weight"}
_OURS = OURS | {"num_parallel_tree", "enable_categorical"}


def train(model: XGBModel, rows: TrainingRows, categorical: frozenset[str], classes: int | None) -> bytes:
    """Return the booster's bytes (UBJ).

    Raises:
        DataError: XGBoost refuses the parameters or the rows.
        UnknownNameError: a constraint on a column that there is not.
        MissingExtraError: XGBoost is not installed.
    """
    xgb = import_xgboost()
    given = _parameters(model, list(rows.frame.columns), classes)
    rounds, _ = model.rounds()
    patience = model.early_stopping_rounds
    aside: list[tuple[Any, str]] = []
    kept: TrainingRows | None = None
    if patience is not None:
        rows, kept = rows.split(model.validation_fraction, model.random_state or 0)
    try:
        learnt = _matrix(xgb, model, rows, categorical)
        if kept is not None:
            aside = [(_matrix(xgb, model, kept, categorical, learnt), "aside")]
        booster = xgb.train(
            given,
            learnt,
            num_boost_round=rounds,
            evals=aside,
            early_stopping_rounds=patience,
            verbose_eval=False,
        )
        if patience is not None:
            booster = booster[: booster.best_iteration + 1]
        return bytes(booster.save_raw("ubj"))
    except xgb.core.XGBoostError as error:
        raise DataError(f"XGBoost says: {_short(str(error))}", cure="See its parameters.") from error


def _matrix(
    xgb: Any, model: XGBModel, rows: TrainingRows, categorical: frozenset[str], bins: Any = None
) -> Any:
    """Rows as XGBoost reads them; those kept aside share the bins of those that are learnt from."""
    plain = {"label": rows.target, "weight": rows.weights, "nthread": model.n_jobs}
    types = ["c" if name in categorical else "float" for name in rows.frame.columns] if categorical else None
    given = {**plain, "feature_types": types, "enable_categorical": bool(categorical)}
    values = matrix(rows.frame, np.float32)
    if model.booster == "gblinear":
        return xgb.DMatrix(values, **given)
    return xgb.QuantileDMatrix(values, **given, max_bin=model.max_bin, ref=bins)


def _parameters(model: XGBModel, columns: list[str], classes: int | None) -> dict[str, Any]:
    given = told(model, _OURS)
    if model.booster != "dart":
        given = {name: value for name, value in given.items() if name not in _DART}
    given |= {"seed": model.random_state or 0, "nthread": model.n_jobs, "verbosity": 0}
    given |= {"num_class": classes} if classes else {}
    if model.booster == "gblinear":
        # The other way of going down is not the same twice where there are several threads.
        kept = _LINEAR | {"booster", "seed", "nthread", "verbosity", "num_class"}
        return {name: given[name] for name in given if name in kept} | {"updater": "coord_descent"}
    given |= {"num_parallel_tree": model.rounds()[1]} if model.rounds()[1] != 1 else {}
    if model.monotone_constraints:
        given["monotone_constraints"] = tuple(constraints(model.monotone_constraints, columns))
    return given


def import_xgboost() -> Any:
    """Return the package.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import xgboost
    except ImportError as error:
        raise MissingExtraError("XGBoost", "train") from error
    return xgboost


def _short(message: str) -> str:
    lines = [line for line in message.splitlines() if line.strip() and "Stack trace" not in line]
    return lines[0].partition("] ")[2] or lines[0] if lines else message
