"""What LightGBM's classifier and regressor share: parameters, one booster, its text, and its trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.frameworks import category_codes
from bighead.pipeline_lib.frameworks.boosted_trees import BoostedTrees
from bighead.pipeline_lib.frameworks.lightgbm_training import import_lightgbm, train
from bighead.pipeline_lib.frameworks.lightgbm_trees import lower_lightgbm
from bighead.pipeline_lib.pipeline.transformer import PlanStep, matrix

if TYPE_CHECKING:
    import lightgbm

BOOSTINGS = ("gbdt", "dart", "rf")
LARGEST = float(np.finfo(np.float64).max)


@dataclass(eq=False)
class LGBMModel(BoostedTrees):
    """LightGBM's boosted trees by the parameters it is known for; strings are categories, one never seen is missing.

    Two fits of equal rows, parameters, `random_state` and `n_jobs` give equal bytes.

    Args:
        objective: What is minimised, in LightGBM's words.
        boosting_type: `gbdt`, `dart`, or `rf` (which needs `subsample` below 1 and `subsample_freq` of 1 or more).
        n_estimators: Rounds of boosting.
        categorical_feature: Columns of whole numbers of 0 or more that are categories too.
        random_state: Where sampling starts; None takes the model's seed, 0 without one.
        n_jobs: Threads; part of what is learnt, since sums of floats depend on how rows are shared out.
        monotone_constraints: By column, 1 where answers may only rise with it, −1 where they may only fall.
        early_stopping_rounds: Stop once so many rounds have not bettered the loss on rows kept aside, and keep the
            rounds up to the best one.
        validation_fraction: How many rows are kept aside for that.
        weight_column: The column that says how much each training row counts; the trees do not see it.

    Raises:
        UnknownNameError: another kind of boosting.
    """

    objective: str = ""
    boosting_type: str = "gbdt"
    n_estimators: int = 100
    learning_rate: float = 0.1
    num_leaves: int = 31
    max_depth: int = -1
    min_child_samples: int = 20
    min_child_weight: float = 1e-3
    min_split_gain: float = 0.0
    subsample: float = 1.0
    subsample_freq: int = 0
    colsample_bytree: float = 1.0
    reg_alpha: float = 0.0
    reg_lambda: float = 0.0
    max_bin: int = 255
    scale_pos_weight: float = 1.0
    drop_rate: float = 0.1
    skip_drop: float = 0.5
    zero_as_missing: bool = False
    max_cat_to_onehot: int = 4
    categorical_feature: list[str] | None = None
    random_state: int | None = None
    n_jobs: int = 2
    monotone_constraints: dict[str, int] | None = None
    early_stopping_rounds: int | None = None
    validation_fraction: float = 0.1
    weight_column: str | None = None
    classes: list[Any] = field(init=False, repr=False, default_factory=list)
    _given: tuple[str, ...] = field(init=False, repr=False, default=())
    _categories: category_codes.Categories = field(init=False, repr=False, default_factory=dict)
    _raw: bytes = field(init=False, repr=False, default=b"")
    _booster: lightgbm.Booster | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.boosting_type not in BOOSTINGS:
            raise UnknownNameError("boosting of LightGBM", self.boosting_type, BOOSTINGS)

    def _train(self, frame: pl.DataFrame, target: np.ndarray[Any, Any], classes: int | None) -> None:
        rows = self._learnt("LightGBM", frame, target, LARGEST, strings=True)
        odd = [name for name in self.categorical_feature or () if name not in self.columns]
        if odd:
            raise UnknownNameError("column of categorical_feature", odd[0], self.columns)
        categorical = {*self._categories, *(self.categorical_feature or ())}
        self._raw, self._booster = train(self, rows, categorical, classes), None

    def _loaded(self) -> lightgbm.Booster:
        """The booster read back from its text, so that a loaded step answers as the fitted one did."""
        if self._booster is not None:
            return self._booster
        booster: lightgbm.Booster = import_lightgbm().Booster(model_str=self._raw.decode())
        self._booster = booster
        return booster

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row as float64."""
        if frame.height == 0:
            return pl.DataFrame(schema=dict.fromkeys(self.answers(), pl.Float64))
        answered = self._loaded().predict(matrix(self._coded(frame), np.float64), num_threads=self.n_jobs)
        return self._answered(answered, frame.height)

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return codes of strings, the forest and its link function."""
        names, steps = self.lower_inputs(inputs, outputs[0])
        return [*steps, *lower_lightgbm(self._raw.decode(), names, outputs)]

    def text(self) -> str:
        """Return LightGBM's own text of the booster."""
        return self._raw.decode()

    def gains(self) -> dict[str, float]:
        """Return each column's total gain over all splits."""
        found = self._loaded().feature_importance("gain")
        told = zip(self.columns, found.tolist(), strict=True)
        return dict.fromkeys(self._given, 0.0) | {name: float(gain) for name, gain in told}
