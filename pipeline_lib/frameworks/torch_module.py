"""TorchClassifier and TorchRegressor: networks of PyTorch as steps, stored as a description and arrays."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bighead.pipeline_lib.errors import ArtifactError, DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.frameworks import safetensors_file
from bighead.pipeline_lib.frameworks.extras import import_extra
from bighead.pipeline_lib.frameworks.neural_model import Examples, NeuralModel
from bighead.pipeline_lib.frameworks.neural_training import train
from bighead.pipeline_lib.frameworks.torch_nets import NETS
from bighead.pipeline_lib.frameworks.torch_training import TorchLearner, check_alone, checked, repeatable

_Array = np.ndarray[Any, Any]


@dataclass(eq=False)
class TorchModel(NeuralModel):
    """What the classifier and the regressor share; a module that is given starts with the weights it comes with."""

    network: Any = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.net, str) and self.net not in NETS.known():
            raise UnknownNameError("net", self.net, NETS.known())
        if not isinstance(self.net, str) and not callable(getattr(self.net, "state_dict", None)):
            raise DefinitionError(
                f"a {type(self.net).__name__} is no network.", cure="Give a torch.nn.Module."
            )

    def _train(self, examples: Examples) -> None:
        torch = _torch()
        check_alone()
        with repeatable(torch, self.random_state or 0, self.threads):
            try:
                self.network = self._built()
                learner = TorchLearner(torch, self, self.network, examples)
                self.epochs_learnt = train(self.plan(), len(examples.rows), learner)
            except RuntimeError as error:
                raise DataError(f"PyTorch says: {str(error)[:500]}", cure="See the network.") from error
        self.network.eval()

    def _built(self) -> Any:
        assert self.reads is not None
        if isinstance(self.net, str):
            return NETS.build(self.net, self.reads, self.outputs, self.arguments)
        return copy.deepcopy(self.net)

    def _outputs(self, rows: _Array) -> _Array:
        torch = _torch()
        with torch.inference_mode():
            answered = self.network(torch.from_numpy(rows))
        found: _Array = checked(answered, len(rows), self.outputs).numpy()
        return found

    def _about(self) -> dict[str, Any]:
        return {**super()._about(), "module": NETS.module_of(self.net)}

    def _weights(self) -> bytes:
        NETS.module_of(self.net)
        arrays = {name: each.detach().cpu().numpy() for name, each in self.network.state_dict().items()}
        return safetensors_file.to_bytes(arrays, "torch")

    def _restore_weights(self, content: bytes, about: Mapping[str, Any]) -> None:
        torch = _torch()
        NETS.ensure(self.net, about["module"])
        # Without memory at first: shapes are compared before anything as large as they say is made.
        with torch.device("meta"):
            try:
                network = self._built()
            except (RuntimeError, DefinitionError) as error:
                raise ArtifactError(f"the network cannot be built: {error}", cure="Train again.") from error
        held = network.state_dict()
        arrays = safetensors_file.from_bytes(
            content, {name: each.shape for name, each in held.items()}, "torch"
        )
        weights = {name: torch.from_numpy(each).to(held[name].dtype) for name, each in arrays.items()}
        network.load_state_dict(weights, assign=True)
        self.network = network.eval()

    @classmethod
    def from_state(cls, params: Mapping[str, Any], state: Any) -> Any:
        """Build a fitted step from its parameters and state."""
        step = cls(**{**params, "net": "mlp"})
        step.net = str(params["net"])
        step.restore(state)
        return step


@dataclass(eq=False)
class TorchClassifier(TorchModel):
    """A network of PyTorch that answers probabilities.

    The architectures are `mlp` (numbers or tensors), `text_cnn` (lists of tokens) and `image_cnn` (tensors); one of
    your own is registered by `register_net`, or given as a `torch.nn.Module`, which then cannot be stored. It answers
    one number a class, before softmax. Arguments: see NeuralModel.

    >>> TorchClassifier("mlp", {"layers": [16]}, epochs=5).epochs
    5
    """


@dataclass(eq=False)
class TorchRegressor(TorchModel):
    """A network of PyTorch that answers a prediction; it learns labels that are centred and scaled.

    Arguments: see NeuralModel, and TorchClassifier.

    >>> TorchRegressor("mlp", {"layers": [16]}).net
    'mlp'
    """

    classifies = False


def _torch() -> Any:
    return import_extra("torch", "PyTorch", "torch")
