"""text_cnn: convolutions over embedded tokens, pooled over the text (Kim, 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.frameworks.extras import import_extra
from bighead.pipeline_lib.frameworks.neural_input import NeuralInput


def build(
    reads: NeuralInput,
    outputs: int,
    dimensions: int = 64,
    channels: int = 64,
    widths: Sequence[int] = (3, 4, 5),
    dropout: float = 0.5,
) -> Any:
    """Return the network.

    Args:
        reads: The rows, lists of tokens.
        outputs: How many numbers it answers a row.
        dimensions: Of a token's embedding.
        channels: Of each width.
        widths: How many tokens a convolution sees.
        dropout: Which share of the pooled channels is left out while it learns.

    Raises:
        DefinitionError: rows that are no tokens.
    """
    if reads.kind != "tokens":
        raise DefinitionError("the net 'text_cnn' reads lists of tokens.", cure="Take 'mlp' or 'image_cnn'.")
    keras = import_extra("keras", "Keras", "tensorflow")
    of = keras.layers
    tokens = keras.Input(reads.shape, dtype="int64", name="tokens")
    embedded = of.Embedding(reads.tokens, dimensions, name="embedded")(tokens)
    pooled = []
    # Branches have names: TensorFlow sums their gradients by these, and Keras would count up with every network.
    for place, width in enumerate(widths):
        # Padded on both sides, so that a text shorter than a width is seen, too.
        padded = of.ZeroPadding1D(width - 1, name=f"padded{place}")(embedded)
        convolved = of.Conv1D(channels, width, activation="relu", name=f"convolved{place}")(padded)
        pooled.append(of.GlobalMaxPooling1D(name=f"pooled{place}")(convolved))
    together = of.Concatenate(name="together")(pooled) if len(pooled) > 1 else pooled[0]
    answered = of.Dense(outputs, name="head")(of.Dropout(dropout, name="dropout")(together))
    return keras.Model(tokens, answered, name="text_cnn")
