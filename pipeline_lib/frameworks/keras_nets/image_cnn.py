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
    given = keras.Input(reads.shape)
    # TensorFlow's kernels for processors want the channels last.
    images = _convolved(of, of.Permute((2, 3, 1))(given), channels[0], 3, 1)
    images = of.ReLU()(images)
    for stage, wide in enumerate(channels):
        for block in range(blocks):
            images = _residual(of, images, wide, 2 if stage and not block else 1)
    return keras.Model(given, of.Dense(outputs)(of.GlobalAveragePooling2D()(images)))


def _residual(of: Any, images: Any, wide: int, stride: int) -> Any:
    """X + f(x), where x is made as small and wide as f(x) is."""
    inner = of.ReLU()(_convolved(of, images, wide, 3, stride))
    inner = _convolved(of, inner, wide, 3, 1)
    same = stride == 1 and images.shape[-1] == wide
    shortcut = images if same else _convolved(of, images, wide, 1, stride)
    return of.ReLU()(of.Add()([inner, shortcut]))


def _convolved(of: Any, images: Any, wide: int, size: int, stride: int) -> Any:
    convolved = of.Conv2D(wide, size, strides=stride, padding="same", use_bias=False)(images)
    return of.BatchNormalization()(convolved)
