"""What the steps around neural networks share, whatever the framework: rows, labels, answers and their storing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.neural_input import CURE, TAKES, NeuralInput
from bighead.pipeline_lib.frameworks.neural_training import TrainingPlan
from bighead.pipeline_lib.pipeline.transformer import Model, State

OPTIMIZERS = ("adam", "sgd")
ROWS_AT_ONCE = 1024
_Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Examples:
    """Rows to learn from: the target is a class each, or a scaled number; a weight each."""

    rows: _Array
    target: _Array
    weights: _Array


@dataclass(eq=False)
class NeuralModel(Model):
    """Base of networks by description: an architecture by name, its arguments, and how it is trained.

    Two fits of equal rows, parameters, `random_state` and `threads` on one machine give equal weights. Scale numbers
    first (StandardScaler). A row with a missing or infinite number is answered with missing; it is refused at fit.

    Args:
        net: The name of a registered architecture, or a network of the framework's own.
        arguments: What the architecture is built with, by name: JSON values.
        epochs: How often training goes through the rows.
        batch_size: Rows a step, at most.
        optimizer: `adam` or `sgd`.
        learning_rate: The size of a step; `schedule` (`constant`, `cosine`, `linear`) lowers it over the epochs.
        momentum: Of `sgd`.
        weight_decay: How much weights shrink a step.
        early_stopping_rounds: Stop once so many epochs have not bettered the loss on rows kept aside.
        validation_fraction: How many rows are kept aside for that.
        class_weight: How much rows of a class count: `balanced`, or numbers by the class's text.
        length: How many tokens of a list are read.
        vocabulary: How many tokens are known; by default up to the largest in training.
        random_state: Where weights and orders start; None takes the model's seed, 0 without one.
        threads: While it learns; part of what is learnt, since sums of floats depend on how they are shared out.

    Raises:
        UnknownNameError: another optimizer or schedule.
        DefinitionError: numbers that no training has.
    """

    net: Any = "mlp"
    arguments: dict[str, Any] | None = None
    epochs: int = 20
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    momentum: float = 0.9
    weight_decay: float = 0.0
    early_stopping_rounds: int | None = None
    validation_fraction: float = 0.1
    class_weight: str | dict[str, float] | None = None
    length: int = 128
    vocabulary: int | None = None
    random_state: int | None = None
    threads: int = 1
    classes: list[Any] = field(init=False, repr=False, default_factory=list)
    reads: NeuralInput | None = field(init=False, repr=False, default=None)
    # A regressor learns (label − centre) / scale.
    scaling: tuple[float, float] = field(init=False, repr=False, default=(0.0, 1.0))
    epochs_learnt: int = field(init=False, repr=False, default=0)

    takes = TAKES
    cure = CURE
    # Matrix products in single floats round by the number of rows.
    tolerance: ClassVar[float] = 1e-4

    def __post_init__(self) -> None:
        if self.optimizer not in OPTIMIZERS:
            raise UnknownNameError("optimizer", self.optimizer, OPTIMIZERS)
        self.plan()

    def plan(self) -> TrainingPlan:
        """Return how it is trained."""
        return TrainingPlan(
            self.epochs,
            self.batch_size,
            self.learning_rate,
            self.schedule,
            self.early_stopping_rounds,
            self.validation_fraction,
            self.random_state or 0,
        )

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn from rows and their labels.

        Raises:
            DataError: missing or infinite values, labels that cannot be learnt, or a training that diverges.
            MissingExtraError: the framework is not installed.
        """
        assert labels is not None
        reads = NeuralInput.of(frame, self.length, self.vocabulary)
        lacking = int((~reads.answerable(frame)).sum())
        if lacking:
            raise DataError(
                f"a network cannot learn from the {lacking} rows with missing or infinite values.",
                cure="Fill them first: p[columns] >>= NaNToMean().",
            )
        self.reads = reads
        target, weights = self._target(labels)
        self._train(Examples(reads.rows(frame), target, weights))

    def _target(self, labels: pl.Series) -> tuple[_Array, _Array]:
        if self.classifies:
            target, self.classes = label_codes.encode(labels)
            return target, self._class_weights(target)[target].astype(np.float32)
        numbers = label_codes.numbers(labels)
        with np.errstate(over="ignore", invalid="ignore"):
            scaling = float(numbers.mean()), float(numbers.std()) or 1.0
            scaled = (numbers - scaling[0]) / scaling[1]
        if not np.isfinite(scaled).all():
            raise DataError("the labels are too large to scale.", cure="Learn their logarithm.")
        self.scaling = scaling
        return scaled.astype(np.float32), np.ones(len(numbers), dtype=np.float32)

    def _class_weights(self, target: _Array) -> _Array:
        counts = np.bincount(target, minlength=len(self.classes))
        if self.class_weight == "balanced":
            return len(target) / (len(counts) * counts)
        named = self.class_weight or {}
        known = [str(each) for each in self.classes]
        if isinstance(named, str) or not set(named) <= set(known):
            raise DefinitionError(
                f"class_weight is {named!r}.",
                cure=f"Expected 'balanced', or numbers by class: {dict.fromkeys(known, 1.0)}.",
            )
        return np.array([float(named.get(each, 1.0)) for each in known])

    @property
    def outputs(self) -> int:
        """How many numbers the network answers a row: one a class, or one."""
        return len(self.classes) if self.classifies else 1

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row: probabilities, or a prediction."""
        if self.reads is None:
            raise DataError(f"the {type(self).__name__} is not fitted.", cure="Call p.fit(frame, labels).")
        taken = self.reads.answerable(frame)
        answered = np.full((frame.height, self.outputs), np.nan)
        if taken.any():
            rows = self.reads.rows(frame.filter(pl.Series(taken)))
            parts = [self._outputs(rows[at : at + ROWS_AT_ONCE]) for at in range(0, len(rows), ROWS_AT_ONCE)]
            answered[taken] = np.concatenate(parts).astype(np.float64)
        columns = _softmax(answered) if self.classifies else answered * self.scaling[1] + self.scaling[0]
        kept = columns[:, 1:] if self.classifies and self.outputs == 2 else columns
        named = zip(self.answers(), kept.T, strict=True)
        return pl.DataFrame([pl.Series(name, values).fill_nan(None) for name, values in named])

    def state(self) -> State:
        """The weights as safetensors, and what the step knows of rows and labels as JSON.

        Raises:
            UnsupportedStepError: a network that is not registered.
        """
        return {"weights.safetensors": self._weights(), "network.json": json.dumps(self._about()).encode()}

    def restore(self, state: State) -> None:
        """Build the network by its description, and take up the weights.

        Raises:
            ArtifactError: weights that do not fit the network, or a network that is not to be had here.
        """
        weights, said = state["weights.safetensors"], state["network.json"]
        assert isinstance(weights, bytes)
        assert isinstance(said, bytes)
        about = json.loads(said)
        self.classes = [json.loads(each) for each in about["classes"]]
        self.reads = NeuralInput.from_plain(about["reads"])
        self.scaling = (float(about["scaling"][0]), float(about["scaling"][1]))
        self.epochs_learnt = int(about["epochs_learnt"])
        self._restore_weights(weights, about)

    def _about(self) -> dict[str, Any]:
        assert self.reads is not None
        return {
            "classes": [json.dumps(each) for each in self.classes],
            "reads": self.reads.plain(),
            "scaling": [*self.scaling],
            "epochs_learnt": self.epochs_learnt,
        }

    def _train(self, examples: Examples) -> None:
        raise NotImplementedError

    def _outputs(self, rows: _Array) -> _Array:
        """Return the network's numbers for rows: a row each, before softmax."""
        raise NotImplementedError

    def _weights(self) -> bytes:
        raise NotImplementedError

    def _restore_weights(self, content: bytes, about: Mapping[str, Any]) -> None:
        raise NotImplementedError


def _softmax(margins: _Array) -> _Array:
    with np.errstate(invalid="ignore"):
        grown = np.exp(margins - margins.max(axis=1, keepdims=True))
        answered: _Array = grown / grown.sum(axis=1, keepdims=True)
    return answered
