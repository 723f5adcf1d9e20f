"""A small residual network over images (He et al., 2016), by PyTorch or Keras."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.predefined.neural_framework import Framework, network
from bighead.pipeline_lib.predefined.task import Task
from bighead.pipeline_lib.transforms import ImageToTensor


def image_cnn(
    image: str,
    *,
    size: int | None = None,
    task: Task = "binary",
    framework: Framework = "torch",
    channels: Sequence[int] = (16, 32, 64),
    blocks: int = 1,
    epochs: int = 20,
    learning_rate: float = 1e-3,
    seed: int = 0,
    name: str = "image_cnn",
) -> Pipeline:
    """Return an unfitted pipeline: images as tensors, and a residual network.

    Args:
        image: The column. Files of images (JPEG, PNG) with `size`; else tensors of channels × height × width.
        size: Height and width that files are resized to.
        task: `binary` and `multiclass` are the same here; or `regression`.
        framework: `torch` or `keras`; each is an extra of its own.
        channels: Of each stage; each after the first halves height and width.
        blocks: Residual blocks a stage.
        epochs: Over all rows.
        learning_rate: The size of a step.
        seed: Where it starts.
        name: Of the pipeline.

    >>> image_cnn("photo", size=32, channels=[8]).steps[-1].arguments
    {'channels': [8], 'blocks': 1}

    Raises:
        UnknownNameError: another task or framework.
        DefinitionError: a size that no image has.
    """
    given = {"channels": [*channels], "blocks": blocks}
    step = network(
        framework, task, "image_cnn", given, epochs=epochs, learning_rate=learning_rate, random_state=seed
    )
    pipeline = Pipeline(name)
    pipeline[image] >>= step if size is None else [ImageToTensor(size, size), step]
    return pipeline
