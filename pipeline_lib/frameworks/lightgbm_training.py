"""Trains one booster of LightGBM, stopping early where that is asked for; the same twice."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from bighead.pipeline_lib.errors import DataError, MissingExtraError
from bighead.pipeline_lib.frameworks.boosted_trees import OURS, constraints, told
from bighead.pipeline_lib.frameworks.training_rows import TrainingRows
from bighead.pipeline_lib.pipeline.transformer import matrix

if TYPE_CHECKING:
    from bighead.pipeline_lib.frameworks.lightgbm_model import LGBMModel

_OURS = OURS | {"categorical_feature"}


def train(model: LGBMModel, rows: TrainingRows, categorical: Collection[str], classes: int | None) -> bytes:
    """Return the booster's text.

    Raises:
        DataError: LightGBM refuses the parameters or the rows.
        UnknownNameError: a constraint on a column that there is not.
        MissingExtraError: LightGBM is not installed.
    """
    lgb = import_lightgbm()
    columns = list(rows.frame.columns)
    given = _parameters(model, columns, classes)
    patience = model.early_stopping_rounds
    kept = None
    if patience is not None:
        rows, kept = rows.split(model.validation_fraction, model.random_state or 0)
    places = [at for at, name in enumerate(columns) if name in categorical]
    try:
        learnt = lgb.Dataset(
            matrix(rows.frame, np.float64), rows.target, weight=rows.weights, categorical_feature=places
        )
        aside, calls = [], []
        if kept is not None:
            values = matrix(kept.frame, np.float64)
            aside = [lgb.Dataset(values, kept.target, reference=learnt, weight=kept.weights)]
            calls = [lgb.early_stopping(patience, verbose=False)]
        booster = lgb.train(
            given, learnt, num_boost_round=model.n_estimators, valid_sets=aside, callbacks=calls
        )
        # Rounds behind the best one are left out; without early stopping there is none that is best.
        return bytes(booster.model_to_string(num_iteration=booster.best_iteration).encode())
    except (lgb.basic.LightGBMError, ValueError) as error:
        raise DataError(f"LightGBM says: {error}", cure="See its parameters.") from error


def _parameters(model: LGBMModel, columns: list[str], classes: int | None) -> dict[str, Any]:
    given = told(model, _OURS)
    given |= {"seed": model.random_state or 0, "num_threads": model.n_jobs, "verbosity": -1}
    # Without these, which way histograms are summed is chosen by how long it takes.
    given |= {"deterministic": True, "force_row_wise": True}
    given |= {"num_class": classes} if classes else {}
    if model.monotone_constraints:
        given["monotone_constraints"] = constraints(model.monotone_constraints, columns)
    return given


def import_lightgbm() -> Any:
    """Return the package.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtraError("LightGBM", "lightgbm") from error
    return lightgbm
