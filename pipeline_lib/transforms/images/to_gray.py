"""ToGray: images without colours."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec


@dataclass(eq=False)
class ToGray(ImageTransformer):
    r"""Make images grey, by the luma of ITU-R BT.601: 0.299 red, 0.587 green, 0.114 blue.

    The reference is Pillow's convert("L"). Arguments are as in ImageTransformer.

    >>> import polars as pl
    >>> ToGray().transform(pl.DataFrame({"photo": [b"P6 1 1 255 ddd"]}))["photo"].to_list()
    [b'P5\n1 1\n255\nd']

    Raises:
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    def steps(self) -> list[Spec]:
        """Take the colours away."""
        return [{"op": "gray"}]
