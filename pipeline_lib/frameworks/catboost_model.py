"""CatBoostClassifier and CatBoostRegressor: CatBoost's oblivious trees as steps, stored in its own format."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import ArtifactError, DataError, UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.extras import import_extra
from bighead.pipeline_lib.frameworks.training_rows import TrainingRows, training_rows
from bighead.pipeline_lib.pipeline.transformer import ANYTHING, Model, State

_Array = np.ndarray[Any, Any]
# What CatBoost notes of a fit that differs from one to the next.
_NOTED = {"model_guid": "", "train_finish_time": "", "training": "{}"}
LOSSES = ("RMSE", "MAE", "Poisson", "LogCosh")
# Stands for a missing text: no text of a column holds a zero.
_MISSING = "\0"


@dataclass(eq=False)
class CatBoostModel(Model):
    """CatBoost's boosted trees (Prokhorenkova et al., 2018); columns of strings are categories, missing values allowed.

    Args:
        iterations: Rounds of boosting.
        learning_rate: How much of each tree is taken.
        depth: Of a tree.
        l2_leaf_reg: The L2 penalty on leaves.
        random_state: Where sampling starts; None takes the model's seed, 0 without one.
        n_jobs: Threads.
        early_stopping_rounds: Stop once so many rounds have not bettered the loss on rows kept aside; the best stay.
        validation_fraction: How many rows are kept aside for that.
        weight_column: The column that says how much each training row counts; the trees do not see it.
    """

    iterations: int = 200
    learning_rate: float = 0.1
    depth: int = 6
    l2_leaf_reg: float = 3.0
    random_state: int | None = None
    n_jobs: int = 1
    early_stopping_rounds: int | None = None
    validation_fraction: float = 0.1
    weight_column: str | None = None
    classes: list[Any] = field(init=False, repr=False, default_factory=list)
    given: tuple[str, ...] = field(init=False, repr=False, default=())
    texts: tuple[str, ...] = field(init=False, repr=False, default=())
    _raw: bytes = field(init=False, repr=False, default=b"")
    _model: Any = field(init=False, repr=False, default=None)

    takes = ANYTHING

    def _loss(self) -> str:
        raise NotImplementedError

    def _train(self, frame: pl.DataFrame, target: _Array) -> None:
        package = import_extra("catboost", "CatBoost", "catboost")
        rows = training_rows(frame, target, self.weight_column)
        self.given = tuple(frame.columns)
        self.texts = tuple(n for n in rows.frame.columns if frame.schema[n] == pl.String)
        aside = None
        if self.early_stopping_rounds is not None:
            rows, kept = rows.split(self.validation_fraction, self.random_state or 0)
            aside = self._pool(package, kept)
        model = package.CatBoost(
            {
                "iterations": self.iterations,
                "learning_rate": self.learning_rate,
                "depth": self.depth,
                "l2_leaf_reg": self.l2_leaf_reg,
                "random_seed": self.random_state or 0,
                "thread_count": self.n_jobs,
                "loss_function": self._loss(),
                "allow_writing_files": False,
                "logging_level": "Silent",
            }
        )
        try:
            model.fit(
                self._pool(package, rows), eval_set=aside, early_stopping_rounds=self.early_stopping_rounds
            )
        except package.CatBoostError as error:
            raise DataError(f"CatBoost says: {str(error)[:500]}", cure="See its parameters.") from error
        self._raw, self._model = _bytes_of(model), None

    def _pool(self, package: Any, rows: TrainingRows) -> Any:
        return package.Pool(
            _array(rows.frame, self.texts),
            rows.target,
            weight=rows.weights,
            cat_features=[rows.frame.columns.index(name) for name in self.texts],
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the trees see, in order."""
        return tuple(name for name in self.given if name != self.weight_column)

    def _loaded(self) -> Any:
        if not self._raw:
            raise DataError(f"the {type(self).__name__} is not fitted.", cure="Call p.fit(frame, labels).")
        if self._model is None:
            package = import_extra("catboost", "CatBoost", "catboost")
            model = package.CatBoost()
            try:
                model.load_model(blob=self._raw)
            except package.CatBoostError as error:
                raise ArtifactError(
                    f"the trees cannot be read: {str(error)[:300]}", cure="Train again."
                ) from error
            self._model = model
        return self._model

    def _answered(self, frame: pl.DataFrame, kind: str) -> _Array:
        if frame.height == 0:
            return np.empty((0, len(self.answers())))
        package = import_extra("catboost", "CatBoost", "catboost")
        seen = frame.select(self.columns)
        places = [seen.columns.index(name) for name in self.texts]
        pool = package.Pool(_array(seen, self.texts), cat_features=places)
        made = self._loaded().predict(pool, prediction_type=kind, thread_count=1)
        return np.asarray(made, dtype=np.float64).reshape(frame.height, -1)

    def state(self) -> State:
        """The trees in CatBoost's own format, the columns, and the classes."""
        self._loaded()
        about = {
            "columns": list(self.given),
            "texts": list(self.texts),
            "classes": [json.dumps(each) for each in self.classes],
        }
        return {"trees.cbm": self._raw, "about.json": json.dumps(about).encode()}

    def restore(self, state: State) -> None:
        """Take up the trees."""
        raw, said = state["trees.cbm"], state["about.json"]
        assert isinstance(raw, bytes)
        assert isinstance(said, bytes)
        about = json.loads(said)
        self._raw, self.given, self.texts = raw, tuple(about["columns"]), tuple(about["texts"])
        self.classes = [json.loads(each) for each in about["classes"]]

    def gains(self) -> dict[str, float]:
        """Return each column's share of how predictions change (CatBoost's PredictionValuesChange)."""
        found = self._loaded().get_feature_importance(type="PredictionValuesChange")
        sizes = dict(zip(self.columns, np.asarray(found, dtype=np.float64).tolist(), strict=True))
        return {name: sizes.get(name, 0.0) for name in self.given}


@dataclass(eq=False)
class CatBoostClassifier(CatBoostModel):
    """Boosted oblivious trees for two classes or more. Arguments: see CatBoostModel.

    >>> CatBoostClassifier(depth=3).iterations
    200
    """

    def _loss(self) -> str:
        return "Logloss" if len(self.classes) == 2 else "MultiClass"

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn classes from labels of any kind.

        Raises:
            DataError: a single class, or what CatBoost refuses.
            MissingExtraError: CatBoost is not installed.
        """
        assert labels is not None
        target, self.classes = label_codes.encode(labels)
        self._train(frame, target)

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row as float64."""
        made = self._answered(frame, "Probability")
        columns = made[:, 1:] if len(self.classes) == 2 and frame.height else made
        return pl.DataFrame([pl.Series(name, columns[:, at]) for at, name in enumerate(self.answers())])


@dataclass(eq=False)
class CatBoostRegressor(CatBoostModel):
    """Boosted oblivious trees for a number.

    Args:
        loss_function: `RMSE`, `MAE`, `Poisson` or `LogCosh`. The others are CatBoostModel's.

    Raises:
        UnknownNameError: another loss.

    >>> CatBoostRegressor(loss_function="MAE").depth
    6
    """

    loss_function: str = "RMSE"
    classifies = False

    def __post_init__(self) -> None:
        if self.loss_function not in LOSSES:
            raise UnknownNameError("loss of CatBoost", self.loss_function, LOSSES)

    def _loss(self) -> str:
        return self.loss_function

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn numbers.

        Raises:
            DataError: labels that are no finite numbers, or what CatBoost refuses.
            MissingExtraError: CatBoost is not installed.
        """
        assert labels is not None
        self._train(frame, label_codes.numbers(labels))

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row as float64."""
        kind = "Exponent" if self.loss_function == "Poisson" else "RawFormulaVal"
        return pl.DataFrame({"prediction": self._answered(frame, kind)[:, 0]})


def _array(frame: pl.DataFrame, texts: tuple[str, ...]) -> _Array:
    """Return rows as CatBoost takes them: texts as they are, everything else as single floats."""
    made = np.empty((frame.height, frame.width), dtype=object if texts else np.float32)
    with np.errstate(over="ignore"):
        for place, series in enumerate(frame):
            if series.name in texts:
                made[:, place] = series.fill_null(_MISSING).to_numpy()
            else:
                numbers = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
                made[:, place] = numbers.astype(np.float32)
    return made


def _bytes_of(model: Any) -> bytes:
    noted = model.get_metadata()
    for name, value in _NOTED.items():
        # Equal fits are to have equal bytes.
        noted[name] = value
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trees.cbm"
        model.save_model(str(file), format="cbm")
        return file.read_bytes()
