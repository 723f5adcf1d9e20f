"""ColorHistogram: how the values of each colour are distributed."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec, whole_number


@dataclass(eq=False)
class ColorHistogram(ImageTransformer):
    r"""Answer the share of pixels in bins of equal width, for red, green and blue: a tensor of float32 [3, bins].

    The reference is numpy.histogram over 0 to 256, divided by the pixels; grey counts for all three. `errors`,
    `max_pixels`: see ImageTransformer.

    Args:
        bins: 1 to 256.

    >>> import polars as pl
    >>> made = ColorHistogram(2).transform(pl.DataFrame({"photo": [b"P6 1 1 255 \x00\x7f\xff"]}))
    >>> made["photo"].to_list()
    [[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]]

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    bins: int = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("bins", self.bins, 1, 256)

    def answer(self) -> Spec:
        """Count."""
        return {"kind": "histogram", "bins": self.bins}
