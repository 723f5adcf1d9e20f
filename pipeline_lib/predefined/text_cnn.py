"""Convolutions over the words of a text (Kim, 2014), by PyTorch or Keras."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.predefined.neural_framework import Framework, network
from bighead.pipeline_lib.predefined.task import Task
from bighead.pipeline_lib.transforms import SimpleImputer, WordIds


def text_cnn(
    text: str,
    *,
    task: Task = "binary",
    framework: Framework = "torch",
    words: int = 20_000,
    length: int = 128,
    dimensions: int = 64,
    channels: int = 64,
    widths: Sequence[int] = (3, 4, 5),
    dropout: float = 0.5,
    epochs: int = 10,
    learning_rate: float = 1e-3,
    seed: int = 0,
    name: str = "text_cnn",
) -> Pipeline:
    """Return an unfitted pipeline: words as numbers, embedded, convolved in several widths, the largest of each kept.

    Args:
        text: The column of texts; a missing one is read as empty.
        task: `binary` and `multiclass` are the same here; or `regression`.
        framework: `torch` or `keras`; each is an extra of its own.
        words: How many are known: the most frequent.
        length: How many words of a text are read.
        dimensions: Of a word's embedding.
        channels: Of each width.
        widths: How many words a convolution sees.
        dropout: Which share of the channels is left out while it learns.
        epochs: Over all rows.
        learning_rate: The size of a step.
        seed: Where it starts.
        name: Of the pipeline.

    >>> text_cnn("review", widths=[2, 3]).steps[-1].arguments["widths"]
    [2, 3]

    Raises:
        UnknownNameError: another task or framework.
    """
    given = {
        "dimensions": dimensions,
        "channels": channels,
        "widths": [*widths],
        "dropout": dropout,
    }
    step = network(
        framework,
        task,
        "text_cnn",
        given,
        length=length,
        epochs=epochs,
        learning_rate=learning_rate,
        random_state=seed,
    )
    pipeline = Pipeline(name)
    pipeline[text] >>= [SimpleImputer(strategy="constant", constant=""), WordIds(max_features=words)]
    pipeline >>= step
    return pipeline
