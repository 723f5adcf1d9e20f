"""KerasClassifier and KerasRegressor: networks of Keras on TensorFlow as steps, stored as a description and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from bighead.pipeline_lib.errors import ArtifactError, DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.frameworks import keras_config, safetensors_file
from bighead.pipeline_lib.frameworks.extras import import_extra
from bighead.pipeline_lib.frameworks.keras_nets import NETS
from bighead.pipeline_lib.frameworks.keras_training import KerasLearner, repeatable
from bighead.pipeline_lib.frameworks.neural_model import Examples, NeuralModel
from bighead.pipeline_lib.frameworks.neural_training import train

_Array = np.ndarray[Any, Any]
# How a network that was given, not named, stands among the parameters.
GIVEN = "keras.Model"


@dataclass(eq=False)
class KerasModel(NeuralModel):
    """What the classifier and the regressor share; a model that is given starts with the weights it comes with."""

    network: Any = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.net, str) and self.net not in NETS.known():
            raise UnknownNameError("net", self.net, NETS.known())
        if not isinstance(self.net, str) and not callable(getattr(self.net, "get_weights", None)):
            raise DefinitionError(f"a {type(self.net).__name__} is no network.", cure="Give a keras.Model.")

    def params(self) -> dict[str, Any]:
        """Return the arguments that it was made with; a model that was given is told by its layers in the state."""
        net = self.net if isinstance(self.net, str) else GIVEN
        return {**super().params(), "net": net}

    def clone(self) -> Self:
        """Return an unfitted step of the same parameters."""
        clone: Self = type(self)(**{**self.params(), "net": "mlp"})
        clone.net = self.net
        return clone

    def _train(self, examples: Examples) -> None:
        keras = _keras()
        with repeatable(self.random_state or 0, self.threads):
            try:
                self.network = self._built()
                self._check_shape(examples.rows[:2])
                learner = KerasLearner(keras, self, self.network, examples)
                self.epochs_learnt = train(self.plan(), len(examples.rows), learner)
            except (RuntimeError, ValueError) as error:
                raise DataError(f"Keras says: {str(error)[:500]}", cure="See the network.") from error

    def _built(self) -> Any:
        assert self.reads is not None
        if isinstance(self.net, str):
            return NETS.build(self.net, self.reads, self.outputs, self.arguments)
        copied = _keras().models.clone_model(self.net)
        copied.set_weights(self.net.get_weights())
        return copied

    def _check_shape(self, rows: _Array) -> None:
        seen, expected = tuple(self.network(rows, training=False).shape), (len(rows), self.outputs)
        if seen != expected:
            raise DataError(
                f"the network answered {seen} for {len(rows)} rows, expected {expected}.",
                cure="A classifier answers one number a class (before softmax), a regressor one.",
            )

    def _outputs(self, rows: _Array) -> _Array:
        answered: _Array = self.network(rows, training=False).numpy()
        return answered

    def _about(self) -> dict[str, Any]:
        about = super()._about()
        if isinstance(self.net, str):
            return {**about, "module": NETS.module_of(self.net)}
        return {**about, "layers": keras_config.to_json(self.net, NETS.cure)}

    def _weights(self) -> bytes:
        # By place: the names of layers count up with all that were ever made in a process.
        arrays = {f"{at:04d}": each for at, each in enumerate(self.network.get_weights())}
        return safetensors_file.to_bytes(arrays, "tensorflow")

    def _restore_weights(self, content: bytes, about: Mapping[str, Any]) -> None:
        if "layers" in about:
            self.net = network = keras_config.from_json(about["layers"])
        else:
            NETS.ensure(self.net, about["module"])
            try:
                network = self._built()
            except (RuntimeError, ValueError, DefinitionError) as error:
                raise ArtifactError(f"the network cannot be built: {error}", cure="Train again.") from error
        expected = {f"{at:04d}": tuple(each.shape) for at, each in enumerate(network.weights)}
        arrays = safetensors_file.from_bytes(content, expected, "tensorflow")
        network.set_weights([arrays[name] for name in expected])
        self.network = network

    @classmethod
    def from_state(cls, params: Mapping[str, Any], state: Any) -> Self:
        """Build a fitted step from its parameters and state."""
        step = cls(**{**params, "net": "mlp"})
        step.net = str(params["net"])
        step.restore(state)
        return step


@dataclass(eq=False)
class KerasClassifier(KerasModel):
    """A network of Keras, on TensorFlow, that answers probabilities.

    The architectures are `mlp` (numbers or tensors), `text_cnn` (lists of tokens) and `image_cnn` (tensors); one of
    your own is registered by `register_net`, or given as a `keras.Model` of Keras's own layers. It answers one number a
    class, before softmax. Arguments: see NeuralModel.

    >>> KerasClassifier("mlp", {"layers": [16]}, epochs=5).epochs
    5
    """


@dataclass(eq=False)
class KerasRegressor(KerasModel):
    """A network of Keras, on TensorFlow, that answers a prediction; it learns labels that are centred and scaled.

    Arguments: see NeuralModel, and KerasClassifier.

    >>> KerasRegressor("mlp", {"layers": [16]}).net
    'mlp'
    """

    classifies = False


def _keras() -> Any:
    import_extra("tensorflow", "TensorFlow", "tensorflow")
    return import_extra("keras", "Keras", "tensorflow")
