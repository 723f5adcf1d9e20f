"""FlipImage and RotateImage: images mirrored, and turned by quarters."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec


@dataclass(eq=False)
class FlipImage(ImageTransformer):
    r"""Mirror images. `errors`, `max_pixels`: see ImageTransformer.

    The reference is Pillow's ImageOps.mirror and ImageOps.flip.

    Args:
        direction: `horizontal` makes left right, `vertical` makes top bottom.

    >>> import polars as pl
    >>> FlipImage().transform(pl.DataFrame({"photo": [b"P5 3 1 255 abc"]}))["photo"].to_list()
    [b'P5\n3 1\n255\ncba']

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    direction: str = "horizontal"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.direction not in ("horizontal", "vertical"):
            raise DefinitionError(
                f"direction={self.direction!r}.", cure="Expected 'horizontal' or 'vertical'."
            )

    def steps(self) -> list[Spec]:
        """Mirror."""
        return [{"op": "flip", "horizontal": self.direction == "horizontal"}]


@dataclass(eq=False)
class RotateImage(ImageTransformer):
    r"""Turn images anticlockwise by quarters. `errors`, `max_pixels`: see ImageTransformer.

    The reference is Pillow's Image.transpose with ROTATE_90, ROTATE_180 and ROTATE_270.

    Args:
        degrees: 90, 180 or 270.

    >>> import polars as pl
    >>> RotateImage(90).transform(pl.DataFrame({"photo": [b"P5 3 1 255 abc"]}))["photo"].to_list()
    [b'P5\n1 3\n255\ncba']

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    degrees: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.degrees not in (90, 180, 270):
            raise DefinitionError(f"degrees={self.degrees!r}.", cure="Expected 90, 180 or 270.")

    def steps(self) -> list[Spec]:
        """Turn."""
        return [{"op": "rotate", "quarters": self.degrees // 90}]
