"""One network of PyTorch with its rows, as the training loop asks for it; repeatable to the bit on one machine."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from bighead.pipeline_lib.errors import DataError, DefinitionError

if TYPE_CHECKING:
    from bighead.pipeline_lib.frameworks.neural_model import Examples
    from bighead.pipeline_lib.frameworks.torch_module import TorchModel

_Array = np.ndarray[Any, Any]


class TorchLearner:
    """Steps of an optimizer on a network."""

    def __init__(self, torch: Any, model: TorchModel, network: Any, examples: Examples) -> None:
        self._torch, self._network = torch, network
        self._rows = torch.from_numpy(examples.rows)
        self._target = torch.from_numpy(examples.target)
        self._row_weights = torch.from_numpy(examples.weights)
        self._outputs, self._classifies = model.outputs, model.classifies
        self._optimizer = _optimizer(
            torch, model, [each for each in network.parameters() if each.requires_grad]
        )

    def step(self, places: _Array, rate: float) -> float:
        """Learn from some rows."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._network.train()
        self._optimizer.zero_grad()
        loss = self._loss(self._torch.from_numpy(places))
        loss.backward()
        self._optimizer.step()
        return float(loss.detach())

    def loss(self, places: _Array) -> float:
        """Return the loss on some rows."""
        self._network.eval()
        with self._torch.inference_mode():
            return float(self._loss(self._torch.from_numpy(places)))

    def weights(self) -> Any:
        """Return a copy of the weights."""
        return {name: each.detach().clone() for name, each in self._network.state_dict().items()}

    def take_up(self, weights: Any) -> None:
        """Take up weights."""
        self._network.load_state_dict(weights)

    def _loss(self, places: Any) -> Any:
        """Cross-entropy of classes, or the mean square of errors; by the rows' weights."""
        functional = self._torch.nn.functional
        answered = checked(self._network(self._rows[places]), len(places), self._outputs)
        target, weights = self._target[places], self._row_weights[places]
        if self._classifies:
            each = functional.cross_entropy(answered, target, reduction="none")
        else:
            each = functional.mse_loss(answered[:, 0], target, reduction="none")
        return (each * weights).sum() / weights.sum()


def checked(answered: Any, rows: int, outputs: int) -> Any:
    """Return what a network answered, if it is a number for each row and output.

    Raises:
        DataError: it is of another shape.
    """
    shape = tuple(getattr(answered, "shape", ()))
    if shape != (rows, outputs):
        raise DataError(
            f"the network answered {shape or type(answered).__name__} for {rows} rows, expected {(rows, outputs)}.",
            cure="A classifier answers one number a class (before softmax), a regressor one.",
        )
    return answered


def _optimizer(torch: Any, model: TorchModel, parameters: list[Any]) -> Any:
    plain = {"lr": model.learning_rate, "weight_decay": model.weight_decay}
    if model.optimizer == "sgd":
        return torch.optim.SGD(parameters, momentum=model.momentum, **plain)
    return torch.optim.Adam(parameters, **plain)


def check_alone() -> None:
    """Refuse to train where TensorFlow was loaded first: PyTorch's compiler would end the process.

    PyTorch's GPU builds bring Triton, whose LLVM does not bear TensorFlow's before it: "Option registered more than
    once", and abort. The other order goes well, as do answers of both in one process.

    Raises:
        DefinitionError: it was.
    """
    first = "tensorflow" in sys.modules and "triton._C.libtriton" not in sys.modules
    if first and importlib.util.find_spec("triton") is not None:
        raise DefinitionError(
            "PyTorch cannot train in a process that has loaded TensorFlow before.",
            cure="Train it in a process of its own, or before the step of Keras, or install PyTorch's build for CPUs.",
        )


@contextmanager
def repeatable(torch: Any, seed: int, threads: int) -> Iterator[None]:
    """Have PyTorch calculate the same again within: by a seed, a number of threads, and deterministic algorithms."""
    had_threads = torch.get_num_threads()
    was = torch.are_deterministic_algorithms_enabled()
    warned = torch.is_deterministic_algorithms_warn_only_enabled()
    with torch.random.fork_rng(devices=[]):
        try:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(True)
            torch.manual_seed(seed)
            yield
        finally:
            torch.use_deterministic_algorithms(was, warn_only=warned)
            torch.set_num_threads(had_threads)
