"""What XGBoost's classifiers and regressors share: parameters, one booster, its bytes, and its trees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.frameworks import category_codes
from bighead.pipeline_lib.frameworks.boosted_trees import BoostedTrees
from bighead.pipeline_lib.frameworks.xgboost_training import LARGEST, import_xgboost, train
from bighead.pipeline_lib.frameworks.xgboost_trees import lower_trees
from bighead.pipeline_lib.pipeline.transformer import PlanStep, matrix

if TYPE_CHECKING:
    import xgboost

BOOSTERS = ("gbtree", "dart", "gblinear")


@dataclass(eq=False)
class XGBModel(BoostedTrees):
    """XGBoost's boosted trees by the parameters it is known for; missing values go each node's default way.

    Two fits of equal rows, parameters, `random_state` and `n_jobs` give equal bytes.

    Args:
        objective: What is minimised, in XGBoost's words.
        n_estimators: Rounds of boosting.
        random_state: Where sampling starts; None takes the model's seed, 0 without one.
        n_jobs: Threads; part of what is learnt, since sums of floats depend on how rows are shared out.
        booster: `gbtree`, `dart` (with `rate_drop`, `skip_drop` …) or `gblinear`.
        num_parallel_tree: Trees a round: a boosted random forest.
        enable_categorical: Whether columns of strings are taken as categories; a string never seen is missing.
        monotone_constraints: By column, 1 where answers may only rise with it, −1 where they may only fall.
        early_stopping_rounds: Stop once so many rounds have not bettered the loss on rows kept aside, and keep the
            rounds up to the best one.
        validation_fraction: How many rows are kept aside for that.
        weight_column: The column that says how much each training row counts; the trees do not see it.

    Raises:
        UnknownNameError: another booster.
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
    booster: str = "gbtree"
    num_parallel_tree: int = 1
    colsample_bynode: float = 1.0
    sample_type: str = "uniform"
    normalize_type: str = "tree"
    rate_drop: float = 0.0
    skip_drop: float = 0.0
    one_drop: bool = False
    enable_categorical: bool = False
    max_cat_to_onehot: int | None = None
    max_cat_threshold: int | None = None
    monotone_constraints: dict[str, int] | None = None
    early_stopping_rounds: int | None = None
    validation_fraction: float = 0.1
    weight_column: str | None = None
    classes: list[Any] = field(init=False, repr=False, default_factory=list)
    _given: tuple[str, ...] = field(init=False, repr=False, default=())
    _categories: category_codes.Categories = field(init=False, repr=False, default_factory=dict)
    _raw: bytes = field(init=False, repr=False, default=b"")
    _booster: xgboost.Booster | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.booster not in BOOSTERS:
            raise UnknownNameError("booster of XGBoost", self.booster, BOOSTERS)

    def rounds(self) -> tuple[int, int]:
        """Return how many rounds are boosted, and how many trees each grows."""
        return self.n_estimators, self.num_parallel_tree

    def _train(self, frame: pl.DataFrame, target: np.ndarray[Any, Any], classes: int | None) -> None:
        rows = self._learnt("XGBoost", frame, target, LARGEST, strings=self.enable_categorical)
        self._raw, self._booster = train(self, rows, frozenset(self._categories), classes), None

    def _loaded(self) -> xgboost.Booster:
        """The booster read back from its bytes, so that a loaded step answers as the fitted one did."""
        if self._booster is not None:
            return self._booster
        booster: xgboost.Booster = import_xgboost().Booster({"nthread": self.n_jobs})
        booster.load_model(bytearray(self._raw))
        self._booster = booster
        return booster

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row as float64."""
        # XGBoost refuses infinite values; every threshold is finite, so the largest floats go the same ways.
        rows = np.clip(matrix(self._coded(frame), np.float32), -LARGEST, LARGEST)
        # Trees with weights of their own (dart) and lines answer exactly by this way only.
        answered = self._loaded().predict(import_xgboost().DMatrix(rows, nthread=self.n_jobs))
        return self._answered(answered, frame.height)

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return codes of strings, the forest and its link function."""
        names, steps = self.lower_inputs(inputs, outputs[0])
        return [*steps, *lower_trees(self.model(), names, outputs)]

    def model(self) -> dict[str, Any]:
        """Return what XGBoost's own JSON says of the booster."""
        told: dict[str, Any] = json.loads(self._loaded().save_raw("json"))
        return told

    def gains(self) -> dict[str, float]:
        """Return each column's total gain over all splits; of a linear booster the size of its weights."""
        kind = "weight" if self.booster == "gblinear" else "total_gain"
        scores: dict[str, Any] = self._loaded().get_score(importance_type=kind)
        found = {f"f{at}": name for at, name in enumerate(self.columns)}
        gains = dict.fromkeys(self._given, 0.0)
        # Several classes have a weight each.
        return gains | {found[at]: float(np.abs(score).mean()) for at, score in scores.items()}
