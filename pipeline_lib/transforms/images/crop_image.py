"""CenterCrop and RandomCrop: windows of images."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec, whole_number
from bighead.pipeline_lib.transforms.images.resize_image import MOST_SIDE


@dataclass(eq=False)
class CenterCrop(ImageTransformer):
    r"""Cut the middle out of images; smaller images are refused. `errors`, `max_pixels`: see ImageTransformer.

    The reference is torchvision's CenterCrop for images that are large enough.

    Args:
        height: Rows of the window.
        width: Columns of the window.

    >>> import polars as pl
    >>> CenterCrop(1, 1).transform(pl.DataFrame({"photo": [b"P5 3 1 255 abc"]}))["photo"].to_list()
    [b'P5\n1 1\n255\nb']

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    height: int
    width: int

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("height", self.height, 1, MOST_SIDE)
        whole_number("width", self.width, 1, MOST_SIDE)

    def steps(self) -> list[Spec]:
        """Cut."""
        return [{"op": "center_crop", "height": self.height, "width": self.width}]


@dataclass(eq=False)
class RandomCrop(CenterCrop):
    r"""Cut a window somewhere out of images, each place as likely; smaller images are refused.

    Where is told by the XXH3 hash of the image's bytes and the seed alone, so an image is cut alike in every batch,
    row and process; another seed cuts it elsewhere. The reference is Pillow's Image.crop of the same window. `errors`,
    `max_pixels`: see ImageTransformer.

    Args:
        height: Rows of the window.
        width: Columns of the window.
        seed: From 0 to 2⁶⁴ − 1.

    >>> import polars as pl
    >>> RandomCrop(1, 3).transform(pl.DataFrame({"photo": [b"P5 3 1 255 abc"]}))["photo"].to_list()
    [b'P5\n3 1\n255\nabc']

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("seed", self.seed, 0, 2**64 - 1)

    def steps(self) -> list[Spec]:
        """Cut."""
        return [{"op": "random_crop", "height": self.height, "width": self.width, "seed": self.seed}]
