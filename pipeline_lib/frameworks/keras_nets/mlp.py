"""mlp: layers of neurons over numbers, or over a tensor laid out flat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.frameworks.extras import import_extra
from bighead.pipeline_lib.frameworks.neural_input import NeuralInput

ACTIVATIONS = ("relu", "gelu", "tanh", "silu")


def build(
    reads: NeuralInput,
    outputs: int,
    layers: Sequence[int] = (64, 32),
    dropout: float = 0.0,
    activation: str = "relu",
) -> Any:
    """Return the network.

    Args:
        reads: The rows, numbers or tensors.
        outputs: How many numbers it answers a row.
        layers: The width of each hidden layer.
        dropout: Which share of a hidden layer is left out while it learns (Srivastava et al., 2014).
        activation: `relu`, `gelu`, `tanh` or `silu`.

    Raises:
        DefinitionError: tokens, which are no quantities.
        UnknownNameError: another activation.
    """
    if reads.kind == "tokens":
        raise DefinitionError("the net 'mlp' reads no tokens.", cure="Take 'text_cnn'.")
    if activation not in ACTIVATIONS:
        raise UnknownNameError("activation", activation, ACTIVATIONS)
    keras = import_extra("keras", "Keras", "tensorflow")
    of = keras.layers
    parts: list[Any] = [keras.Input(reads.shape), of.Flatten()]
    for width in layers:
        parts.append(of.Dense(width, activation=activation))
        parts += [of.Dropout(dropout)] if dropout else []
    return keras.Sequential([*parts, of.Dense(outputs)])
