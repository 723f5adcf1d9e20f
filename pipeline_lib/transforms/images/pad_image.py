"""PadImage: borders around images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec, whole_number
from bighead.pipeline_lib.transforms.images.resize_image import MOST_SIDE


@dataclass(eq=False)
class PadImage(ImageTransformer):
    r"""Put borders around images that are smaller than a size, so that they stand in its middle.

    Larger sides stay as they are; of an odd border the larger part is right and below. The reference is Pillow's
    ImageOps.expand. `errors`, `max_pixels`: see ImageTransformer.

    Args:
        height: Rows that there are at least afterwards.
        width: Columns that there are at least afterwards.
        fill: Red, green and blue of the border, 0 to 255; around grey images it is its grey.

    >>> import polars as pl
    >>> PadImage(1, 3).transform(pl.DataFrame({"photo": [b"P5 1 1 255 a"]}))["photo"].to_list()
    [b'P5\n3 1\n255\n\x00a\x00']

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    height: int
    width: int
    fill: Sequence[int] = (0, 0, 0)

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("height", self.height, 1, MOST_SIDE)
        whole_number("width", self.width, 1, MOST_SIDE)
        self.fill = tuple(self.fill)
        if len(self.fill) != 3:
            raise DefinitionError(f"fill={self.fill!r}.", cure="Expected red, green and blue.")
        for value in self.fill:
            whole_number("fill", value, 0, 255)

    def steps(self) -> list[Spec]:
        """Pad."""
        return [{"op": "pad", "height": self.height, "width": self.width, "fill": list(self.fill)}]
