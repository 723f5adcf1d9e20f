"""ImageToTensor: encoded images become tensors for a network, in one call."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec, whole_number
from bighead.pipeline_lib.transforms.images.resize_image import MOST_SIDE, check_filter

# What the networks of torchvision were trained with: mean and deviation of ImageNet's colours.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_MOST_PIXELS = (1 << 28) // 3


@dataclass(eq=False)
class ImageToTensor(ImageTransformer):
    r"""Decode, turn upright, resize, crop and normalise in one call: a tensor of float32 [3, height, width].

    A value is (v / 255 − mean) / std of its channel, calculated in doubles and rounded once; grey images fill all three
    channels. Fully decoded it is bit for bit what DecodeImage, ResizeImage and CenterCrop make in turn. The reference
    is Pillow's Image.resize and NumPy's arithmetic, within one level on average. `errors`, `max_pixels`: see
    ImageTransformer.

    Args:
        height: Rows of the tensor.
        width: Columns of the tensor.
        shorter_side: Resize the shorter side to this length, then cut out the middle; None resizes to height and width.
        filter: `bilinear`, `bicubic` or `lanczos`.
        mean: Of red, green and blue, where 1 is the brightest.
        std: Standard deviations of the same.
        decode: `full`, or `scaled`: JPEG files are decoded at a half, a quarter or an eighth of their size where the
            tensor needs no more (of each block of 8 × 8 only the lowest frequencies). Faster, the more so the larger
            the files are, and a few levels off: use the same for training and serving.

    >>> import polars as pl
    >>> step = ImageToTensor(1, 2, mean=(0, 0, 0), std=(1, 1, 1))
    >>> step.transform(pl.DataFrame({"photo": [b"P6 2 1 255 \x00\x00\xff\xff\xff\xff"]}))["photo"].to_list()
    [[[[0.0, 1.0]], [[0.0, 1.0]], [[1.0, 1.0]]]]

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    height: int = 224
    width: int = 224
    shorter_side: int | None = None
    filter: str = "bilinear"
    mean: Sequence[float] = MEAN
    std: Sequence[float] = STD
    decode: str = "full"

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("height", self.height, 1, MOST_SIDE)
        whole_number("width", self.width, 1, MOST_SIDE)
        if self.height * self.width > _MOST_PIXELS:
            raise DefinitionError(
                f"a tensor of {self.height} × {self.width} pixels.", cure=f"Expected at most {_MOST_PIXELS}."
            )
        if self.shorter_side is not None:
            whole_number("shorter_side", self.shorter_side, max(self.height, self.width), MOST_SIDE)
        check_filter(self.filter)
        if self.decode not in ("full", "scaled"):
            raise DefinitionError(f"decode={self.decode!r}.", cure="Expected 'full' or 'scaled'.")
        self.mean, self.std = _colors("mean", self.mean), _colors("std", self.std)
        if min(self.std) <= 0:
            raise DefinitionError(f"std={self.std!r}.", cure="Expected numbers above 0.")

    def decoding(self) -> str:
        """Decode as asked."""
        return self.decode

    def steps(self) -> list[Spec]:
        """Resize and crop."""
        if self.shorter_side is None:
            return [{"op": "resize", "height": self.height, "width": self.width, "filter": self.filter}]
        return [
            {"op": "resize_shorter", "side": self.shorter_side, "filter": self.filter},
            {"op": "center_crop", "height": self.height, "width": self.width},
        ]

    def answer(self) -> Spec:
        """Normalise."""
        shape = {"height": self.height, "width": self.width}
        return {"kind": "tensor", **shape, "mean": list(self.mean), "std": list(self.std)}


def _colors(name: str, seen: Sequence[float]) -> tuple[float, ...]:
    """Three finite numbers."""
    given = tuple(seen) if isinstance(seen, Sequence) else ()
    if len(given) == 3 and all(type(each) in (int, float) and math.isfinite(each) for each in given):
        return tuple(float(each) for each in given)
    raise DefinitionError(f"{name}={seen!r}.", cure="Expected three numbers, for red, green and blue.")
