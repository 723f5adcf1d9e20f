"""The training loop of neural networks, the same for every framework.

1. Rows are kept aside where training may stop early, drawn by the seed.
2. An epoch goes through the others in batches, in an order drawn by the seed; the rate follows the schedule.
3. Training stops once so many epochs have not bettered the loss on the rows kept aside; the best weights are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, isfinite, pi
from typing import Any, Protocol

import numpy as np

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError

SCHEDULES = ("constant", "cosine", "linear")
_Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class TrainingPlan:
    """How long, in which steps and at which rate.

    Raises:
        UnknownNameError: another schedule.
        DefinitionError: numbers that no training has.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: str
    early_stopping_rounds: int | None
    validation_fraction: float
    seed: int

    def __post_init__(self) -> None:
        if self.schedule not in SCHEDULES:
            raise UnknownNameError("schedule of learning rates", self.schedule, SCHEDULES)
        for name in ("epochs", "batch_size", "learning_rate"):
            if not 0 < getattr(self, name) < 1e12:
                raise DefinitionError(f"{name} is {getattr(self, name)}.", cure="Expected more than 0.")

    def rate(self, progress: float) -> float:
        """Return the learning rate after a share of all epochs.

        cosine: ½·(1 + cos π·t) of the given one, as in SGDR (Loshchilov and Hutter, 2017); linear: 1 − t of it.

        >>> plan = TrainingPlan(10, 32, 0.1, "cosine", None, 0.1, 0)
        >>> plan.rate(0.0), round(plan.rate(0.5), 12)
        (0.1, 0.05)
        """
        if self.schedule == "cosine":
            return self.learning_rate * (1.0 + cos(pi * progress)) / 2.0
        return self.learning_rate * (1.0 - progress if self.schedule == "linear" else 1.0)


class Learner(Protocol):
    """A network with its rows, as a framework holds them."""

    def step(self, places: _Array, rate: float) -> float:
        """Learn from the rows at some places, and return their loss."""
        ...

    def loss(self, places: _Array) -> float:
        """Return the mean loss on the rows at some places, learning nothing."""
        ...

    def weights(self) -> Any:
        """Return a copy of the weights."""
        ...

    def take_up(self, weights: Any) -> None:
        """Take up weights."""
        ...


def train(plan: TrainingPlan, rows: int, learner: Learner) -> int:
    """Train a network on so many rows, and return how many epochs its weights have seen.

    Raises:
        DataError: the loss is no number any more.
        DefinitionError: a fraction that leaves no row on one side.
    """
    random = np.random.default_rng(plan.seed)
    learnt, aside = _split(plan, rows, random)
    best, best_loss, best_epoch = None, float("inf"), 0
    for epoch in range(plan.epochs):
        for at, places in batches(learnt, plan.batch_size, random):
            loss = learner.step(places, plan.rate((epoch + at) / plan.epochs))
            if not isfinite(loss):
                raise DataError(
                    f"training diverged in epoch {epoch + 1}: the loss is {loss}.",
                    cure="Scale the columns (StandardScaler), or lower learning_rate.",
                )
        if plan.early_stopping_rounds is None:
            continue
        seen = learner.loss(aside)
        if seen < best_loss:
            best, best_loss, best_epoch = learner.weights(), seen, epoch
        elif epoch - best_epoch >= plan.early_stopping_rounds:
            break
    if best is None:
        return plan.epochs
    learner.take_up(best)
    return best_epoch + 1


def batches(places: _Array, size: int, random: np.random.Generator) -> Iterator[tuple[float, _Array]]:
    """Yield the places once in a drawn order, in parts of nearly one size, each with the share gone before it."""
    count = -(-len(places) // size)
    # Parts of nearly one size: a last one of a single row has no variance to normalise by.
    for number, part in enumerate(np.array_split(random.permutation(places), count)):
        yield number / count, part


def _split(plan: TrainingPlan, rows: int, random: np.random.Generator) -> tuple[_Array, _Array]:
    if plan.early_stopping_rounds is None:
        return np.arange(rows), np.arange(0)
    count = round(plan.validation_fraction * rows)
    if not 0 < count < rows:
        raise DefinitionError(
            f"validation_fraction={plan.validation_fraction} keeps {count} of {rows} rows aside.",
            cure="Expected between 0 and 1, so that both sides have rows.",
        )
    order = random.permutation(rows)
    return np.sort(order[count:]), np.sort(order[:count])
