"""Which framework a predefined network is of, and the step of it that a task asks for."""

from __future__ import annotations

from typing import Any, Literal

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.frameworks import KerasClassifier, KerasRegressor, TorchClassifier, TorchRegressor
from bighead.pipeline_lib.frameworks.neural_model import NeuralModel
from bighead.pipeline_lib.predefined.task import Task, check_task

Framework = Literal["torch", "keras"]
_STEPS: dict[str, tuple[type[NeuralModel], type[NeuralModel]]] = {
    "torch": (TorchClassifier, TorchRegressor),
    "keras": (KerasClassifier, KerasRegressor),
}


def network(
    framework: Framework, task: Task, net: str, arguments: dict[str, Any], **given: Any
) -> NeuralModel:
    """Return an unfitted network; its framework is imported once it fits or answers.

    >>> network("keras", "regression", "mlp", {"layers": [4]}, epochs=2).epochs
    2

    Raises:
        UnknownNameError: another framework or task.
    """
    check_task(task)
    if framework not in _STEPS:
        raise UnknownNameError("framework", framework, tuple(_STEPS))
    classifier, regressor = _STEPS[framework]
    return (regressor if task == "regression" else classifier)(net, arguments, **given)
