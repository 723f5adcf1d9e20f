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
    nn = import_extra("torch", "PyTorch", "torch").nn
    parts = [
        nn.Conv2d(reads.shape[0], channels[0], 3, padding=1, bias=False),
        nn.BatchNorm2d(channels[0]),
        nn.ReLU(),
    ]
    seen = channels[0]
    for stage, wide in enumerate(channels):
        for block in range(blocks):
            parts.append(_residual(nn, seen, wide, 2 if stage and not block else 1))
            seen = wide
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(seen, outputs))


def _residual(nn: Any, given: int, wide: int, stride: int) -> Any:
    """Return a block that adds two convolutions to what it was given."""

    class Residual(nn.Module):  # type: ignore[misc]
        """x + f(x), where x is made as small and wide as f(x) is."""

        def __init__(self) -> None:
            super().__init__()
            self.convolved = nn.Sequential(
                nn.Conv2d(given, wide, 3, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(wide),
                nn.ReLU(),
                nn.Conv2d(wide, wide, 3, padding=1, bias=False),
                nn.BatchNorm2d(wide),
            )
            same = stride == 1 and given == wide
            shortened = nn.Sequential(
                nn.Conv2d(given, wide, 1, stride=stride, bias=False), nn.BatchNorm2d(wide)
            )
            self.shortcut = nn.Identity() if same else shortened
            self.activation = nn.ReLU()

        def forward(self, images: Any) -> Any:
            return self.activation(self.convolved(images) + self.shortcut(images))

    return Residual()
