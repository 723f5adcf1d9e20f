"""One network of Keras with its rows, as the training loop asks for it; repeatable to the bit on one machine."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from bighead.pipeline_lib.frameworks.extras import import_extra

if TYPE_CHECKING:
    from bighead.pipeline_lib.frameworks.keras_model import KerasModel
    from bighead.pipeline_lib.frameworks.neural_model import Examples

_log = logging.getLogger(__name__)
_Array = np.ndarray[Any, Any]


class KerasLearner:
    """Steps of an optimizer on a network."""

    def __init__(self, keras: Any, model: KerasModel, network: Any, examples: Examples) -> None:
        self._network, self._examples = network, examples
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(
            optimizer=_optimizer(keras, model),
            loss=loss if model.classifies else keras.losses.MeanSquaredError(),
        )

    def step(self, places: _Array, rate: float) -> float:
        """Learn from some rows."""
        self._network.optimizer.learning_rate.assign(rate)
        self._network.reset_metrics()
        return float(self._network.train_on_batch(**self._given(places)))

    def loss(self, places: _Array) -> float:
        """Return the loss on some rows."""
        self._network.reset_metrics()
        return float(self._network.test_on_batch(**self._given(places)))

    def weights(self) -> Any:
        """Return a copy of the weights."""
        return [np.array(each) for each in self._network.get_weights()]

    def take_up(self, weights: Any) -> None:
        """Take up weights."""
        self._network.set_weights(weights)

    def _given(self, places: _Array) -> dict[str, _Array]:
        examples = self._examples
        target = examples.target[places]
        return {"x": examples.rows[places], "y": target, "sample_weight": examples.weights[places]}


def _optimizer(keras: Any, model: KerasModel) -> Any:
    plain = {"learning_rate": model.learning_rate, "weight_decay": model.weight_decay or None}
    if model.optimizer == "sgd":
        return keras.optimizers.SGD(momentum=model.momentum, **plain)
    return keras.optimizers.Adam(**plain)


def _set_threads(threading: Any, threads: int) -> None:
    try:
        threading.set_intra_op_parallelism_threads(threads)
        threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        seen = threading.get_intra_op_parallelism_threads()
        if seen != threads:
            _log.warning(
                "TensorFlow has calculated before, with threads=%s for threads=%s: fits may differ in the last bits",
                seen or "all",
                threads,
            )


@contextmanager
def repeatable(seed: int, threads: int) -> Iterator[None]:
    """Have TensorFlow calculate the same again within: by a seed and deterministic algorithms.

    TensorFlow takes a number of threads only before its first calculation (a warning is logged where that is over and
    the number another), and stays deterministic until its process ends.
    Python's and NumPy's own random numbers go on as they were.
    """
    tensorflow = import_extra("tensorflow", "TensorFlow", "tensorflow")
    _set_threads(tensorflow.config.threading, threads)
    tensorflow.config.experimental.enable_op_determinism()
    pythons, numpys = random.getstate(), np.random.get_state()
    try:
        tensorflow.keras.utils.set_random_seed(seed)
        yield
    finally:
        random.setstate(pythons)
        np.random.set_state(numpys)
