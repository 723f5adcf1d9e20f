"""DecodeImage: encoded images become pixels, standing upright."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer


@dataclass(eq=False)
class DecodeImage(ImageTransformer):
    r"""Decode JPEG, PNG and PNM to uncompressed PNM, turned upright; steps behind it then need not decode again.

    The reference is Pillow's ImageOps.exif_transpose and convert("RGB"), within one level on average. Grey images stay
    grey. Palettes are looked up, transparency is dropped, 16 bits of colour are cut to the upper 8, CMYK becomes RGB
    without a colour profile. Refused are 16 bits of grey (Pillow would clip them), files that end too early, and JPEG
    that is arithmetic, lossless or of 12 bits. `errors` and `max_pixels` are as in ImageTransformer.

    >>> import polars as pl
    >>> gray = b"P5 2 1 15 " + bytes([0, 15])
    >>> DecodeImage().transform(pl.DataFrame({"photo": [gray, None]}))["photo"].to_list()
    [b'P5\n2 1\n255\n\x00\xff', None]

    Raises:
        DataError: images that cannot be decoded, by row, with errors="raise".
        SchemaError: a column that is no bytes.
    """
