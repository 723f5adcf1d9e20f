"""ResizeImage: images of one size."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec, whole_number

MOST_SIDE = 65_535
FILTERS = ("bilinear", "bicubic", "lanczos")


@dataclass(eq=False)
class ResizeImage(ImageTransformer):
    r"""Resize images, with a filter as wide as what becomes one pixel, so that nothing aliases.

    The reference is Pillow's Image.resize, within one level on average: across, then down, as before Pillow 13. Since
    then its order depends on the sizes, which shows where sharp edges are enlarged. `errors`, `max_pixels`: see
    ImageTransformer.

    Args:
        height: Rows afterwards, with `width`.
        width: Columns afterwards, with `height`.
        shorter_side: Instead of both: how long the shorter side becomes; the longer one follows, rounded down.
        filter: `bilinear`, `bicubic` or `lanczos`.

    >>> import polars as pl
    >>> ResizeImage(1, 1).transform(pl.DataFrame({"photo": [b"P5 2 1 255 \x00\x64"]}))["photo"].to_list()
    [b'P5\n1 1\n255\n2']

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    height: int | None = None
    width: int | None = None
    shorter_side: int | None = None
    filter: str = "bilinear"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_filter(self.filter)
        if self.shorter_side is None:
            whole_number("height", self.height, 1, MOST_SIDE)
            whole_number("width", self.width, 1, MOST_SIDE)
        elif self.height is None and self.width is None:
            whole_number("shorter_side", self.shorter_side, 1, MOST_SIDE)
        else:
            raise DefinitionError(
                "a height or width is given beside shorter_side.",
                cure="Give height and width, or shorter_side.",
            )

    def steps(self) -> list[Spec]:
        """Resize."""
        if self.shorter_side is not None:
            return [{"op": "resize_shorter", "side": self.shorter_side, "filter": self.filter}]
        return [{"op": "resize", "height": self.height, "width": self.width, "filter": self.filter}]


def check_filter(seen: str) -> None:
    """Refuse a filter that is none.

    Raises:
        DefinitionError: another one.
    """
    if seen not in FILTERS:
        raise DefinitionError(f"filter={seen!r}.", cure=f"Expected one of {', '.join(FILTERS)}.")
