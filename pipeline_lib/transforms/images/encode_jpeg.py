"""EncodeJpeg: images as JPEG files."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec, whole_number


@dataclass(eq=False)
class EncodeJpeg(ImageTransformer):
    """Encode images as baseline JPEG (ITU-T T.81), without metadata. `errors`, `max_pixels`: see ImageTransformer.

    The reference is Pillow's Image.save(format="JPEG"): the same quantisation tables for the same quality.

    Args:
        quality: 1 to 100.
        subsampling: `4:2:0` keeps the colours at half the width and height, `4:4:4` keeps them whole.

    >>> import polars as pl
    >>> made = EncodeJpeg().transform(pl.DataFrame({"photo": [b"P5 2 1 255 ab"]}))
    >>> made["photo"][0][:3].hex()
    'ffd8ff'

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    quality: int = 75
    subsampling: str = "4:2:0"

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("quality", self.quality, 1, 100)
        if self.subsampling not in ("4:2:0", "4:4:4"):
            raise DefinitionError(f"subsampling={self.subsampling!r}.", cure="Expected '4:2:0' or '4:4:4'.")

    def answer(self) -> Spec:
        """Encode."""
        return {"kind": "jpeg", "quality": self.quality, "halved": self.subsampling == "4:2:0"}
