"""image_cnn: a small residual network over images (He et al., 2016)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.frameworks.extras import import_extra
from bighead.pipeline_lib.frameworks.neural_input import NeuralInput


def build(reads: NeuralInput, outputs: int, channels: Sequence[int] = (16, 32, 64), blocks: int = 1) -> Any:
    """Return the network.

    Args:
        reads: The rows, tensors of channels × height × width.
        outputs: How many numbers it answers a row.
        channels: Of each stage; each after the first halves height and width.
        blocks: Residual blocks a stage.

    Raises:
        DefinitionError: rows that are no images.
    """
    if reads.kind != "tensor" or len(reads.shape) != 3:
        raise DefinitionError(
            f"the net 'image_cnn' reads tensors of channels × height × width, not {reads.kind} {reads.shape}.",
            cure="Give it one tensor column, as pl.Array(pl.Float32, (3, 32, 32)).",
        )
    keras = import_extra("keras", "Keras", "tensorflow")
    of = keras.layers
    given = keras.Input(reads.shape, name="images")
    # TensorFlow's kernels for processors want the channels last.
    images = of.Permute((2, 3, 1), name="channels_last")(given)
    images = of.ReLU(name="first")(_convolved(of, images, wide=channels[0], name="first_convolved"))
    for stage, wide in enumerate(channels):
        for block in range(blocks):
            images = _residual(
                of, images, wide, 2 if stage and not block else 1, f"stage{stage}_block{block}"
            )
    answered = of.Dense(outputs, name="head")(of.GlobalAveragePooling2D(name="pooled")(images))
    return keras.Model(given, answered, name="image_cnn")


def _residual(of: Any, images: Any, wide: int, stride: int, name: str) -> Any:
    """X + f(x), where x is made as small and wide as f(x) is.

    Layers have names: TensorFlow sums gradients by these, and Keras would count up with every network.
    """
    inner = _convolved(of, images, wide=wide, stride=stride, name=f"{name}_one")
    inner = _convolved(of, of.ReLU(name=f"{name}_inner")(inner), wide=wide, name=f"{name}_two")
    same = stride == 1 and images.shape[-1] == wide
    shortcut = (
        images if same else _convolved(of, images, wide=wide, size=1, stride=stride, name=f"{name}_short")
    )
    return of.ReLU(name=f"{name}_outer")(of.Add(name=f"{name}_sum")([inner, shortcut]))


def _convolved(of: Any, images: Any, *, wide: int, name: str, size: int = 3, stride: int = 1) -> Any:
    convolution = of.Conv2D(wide, size, strides=stride, padding="same", use_bias=False, name=name)
    return of.BatchNormalization(name=f"{name}_normalised")(convolution(images))
