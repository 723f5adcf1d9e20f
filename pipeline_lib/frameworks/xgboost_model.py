"""What XGBoost's classifier and regressor share: parameters, one booster, its bytes, and its trees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, MissingExtraError
from bighead.pipeline_lib.frameworks.labels import check_finite
from bighead.pipeline_lib.frameworks.xgboost_trees import lower_trees
from bighead.pipeline_lib.pipeline.transformer import Model, PlanStep, State, matrix

if TYPE_CHECKING:
    import xgboost

LARGEST = float(np.finfo(np.float32).max)
_NOT_XGBOOST = {"n_estimators", "n_jobs", "random_state"}


@dataclass(eq=False)
class XGBModel(Model):
    """XGBoost's boosted trees by the parameters it is known for; missing values go each node's default way.

    Two fits of equal rows, parameters, `random_state` and `n_jobs` give equal bytes.

    Args:
        objective: What is minimised, in XGBoost's words.
        n_estimators: Rounds of boosting.
        random_state: Where sampling starts; None takes the model's seed, 0 without one.
        n_jobs: Threads; part of what is learnt, since sums of floats depend on how rows are shared out.
    """

    objective: str = ""
    n_estimators: int = 100
    learning_rate: float = 0.3
    max_depth: int = 6
    min_child_weight: float = 1.0
    gamma: float = 0.0
    subsample: float = 1.0
    colsample_bytree: float = 1.0
    colsample_bylevel: float = 1.0
    reg_alpha: float = 0.0
    reg_lambda: float = 1.0
    max_delta_step: float = 0.0
    max_bin: int = 256
    max_leaves: int = 0
    grow_policy: str = "depthwise"
    scale_pos_weight: float = 1.0
    base_score: float | None = None
    tree_method: str = "hist"
    random_state: int | None = None
    n_jobs: int = 2
    classes: list[Any] = field(init=False, repr=False, default_factory=list)
    _columns: tuple[str, ...] = field(init=False, repr=False, default=())
    _raw: bytes = field(init=False, repr=False, default=b"")
    _booster: xgboost.Booster | None = field(init=False, repr=False, default=None)

    def _train(self, frame: pl.DataFrame, target: np.ndarray[Any, Any], classes: int | None) -> None:
        check_finite("XGBoost", frame, LARGEST, missing=True)
        xgb = import_xgboost()
        rows = xgb.QuantileDMatrix(
            matrix(frame, np.float32), label=target, nthread=self.n_jobs, max_bin=self.max_bin
        )
        learner = {name: value for name, value in self.params().items() if name not in _NOT_XGBOOST}
        learner |= {"seed": self.random_state or 0, "nthread": self.n_jobs, "verbosity": 0}
        learner |= {"num_class": classes} if classes else {}
        given = {name: value for name, value in learner.items() if value is not None}
        try:
            booster = xgb.train(given, rows, num_boost_round=self.n_estimators)
        except xgb.core.XGBoostError as error:
            raise DataError(f"XGBoost says: {_short(str(error))}", cure="See its parameters.") from error
        self._columns = tuple(frame.columns)
        self._raw, self._booster = bytes(booster.save_raw("ubj")), None

    def _loaded(self) -> xgboost.Booster:
        """The booster read back from its bytes, so that a loaded step answers as the fitted one did."""
        if self._booster is None:
            xgb = import_xgboost()
            booster = xgb.Booster({"nthread": self.n_jobs})
            booster.load_model(bytearray(self._raw))
            self._booster = booster
        return self._booster

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row as float64."""
        # XGBoost refuses infinite values; every threshold is finite, so the largest floats go the same ways.
        rows = np.clip(matrix(frame, np.float32), -LARGEST, LARGEST)
        answered = self._loaded().inplace_predict(rows, missing=np.nan)
        columns = np.asarray(answered, dtype=np.float64).reshape(frame.height, -1)
        return pl.DataFrame([pl.Series(name, columns[:, at]) for at, name in enumerate(self.answers())])

    def state(self) -> State:
        """The booster as UBJ, its columns, and the classes as JSON."""
        columns = pl.DataFrame({"column": list(self._columns)}, schema={"column": pl.String})
        classes = pl.DataFrame(
            {"class": [json.dumps(each) for each in self.classes]}, schema={"class": pl.String}
        )
        return {"booster": self._raw, "columns": columns, "classes": classes}

    def restore(self, state: State) -> None:
        """Take up booster, columns and classes; XGBoost itself is needed only once Python answers."""
        raw, columns, classes = state["booster"], state["columns"], state["classes"]
        assert isinstance(raw, bytes)
        assert isinstance(columns, pl.DataFrame)
        assert isinstance(classes, pl.DataFrame)
        self._raw, self._columns = raw, tuple(columns["column"])
        self.classes = [json.loads(each) for each in classes["class"]]

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return the forest and its link function."""
        return lower_trees(json.loads(self._loaded().save_raw("json")), inputs, outputs)

    def gains(self) -> dict[str, float]:
        """Return each column's total gain over all splits."""
        scores: dict[str, Any] = self._loaded().get_score(importance_type="total_gain")
        return {name: float(scores.get(f"f{at}", 0.0)) for at, name in enumerate(self._columns)}


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
