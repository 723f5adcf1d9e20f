"""EncodePng: images as PNG files."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer, Spec


@dataclass(eq=False)
class EncodePng(ImageTransformer):
    r"""Encode images as PNG (ISO/IEC 15948), without loss and without metadata. Arguments are as in ImageTransformer.

    The reference is Pillow's Image.save(format="PNG"): what is decoded again is the same.

    >>> import polars as pl
    >>> made = EncodePng().transform(pl.DataFrame({"photo": [b"P5 2 1 255 ab"]}))
    >>> made["photo"][0][:4]
    b'\x89PNG'

    Raises:
        DataError: images that cannot be answered, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """

    def answer(self) -> Spec:
        """Encode."""
        return {"kind": "png"}
