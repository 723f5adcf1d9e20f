"""PerceptualHash: images that look alike have hashes that are alike."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec

METHODS = ("average", "difference", "frequency")


@dataclass(eq=False)
class PerceptualHash(ImageTransformer):
    """Answer 64 bits as 16 hexadecimal digits, few of which change when an image is resized or compressed.

    The image is made grey and resized with a Lanczos filter; a bit says whether a cell of 8 × 8 is brighter than the
    mean (`average`), than the cell to its left (`difference`), or whether one of the 8 × 8 lowest frequencies of the
    DCT-II of 32 × 32 cells is above their median (`frequency`; Zauner 2010). Bits go row by row, the highest first. The
    reference is the package ImageHash: average_hash, dhash and phash. `errors`, `max_pixels`: see ImageTransformer.

    Args:
        method: `average`, `difference` or `frequency`.

    >>> import polars as pl
    >>> rising = b"P5 9 8 255 " + bytes(range(9)) * 8
    >>> PerceptualHash("difference").transform(pl.DataFrame({"photo": [rising]}))["photo"].to_list()
    ['ffffffffffffffff']

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    method: str = "frequency"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in METHODS:
            raise DefinitionError(f"method={self.method!r}.", cure=f"Expected one of {', '.join(METHODS)}.")

    def answer(self) -> Spec:
        """Hash."""
        return {"kind": "hash", "method": self.method}
