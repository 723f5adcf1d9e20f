"""Why images cannot be answered."""

from __future__ import annotations

import polars as pl

from bighead.pipeline_lib.transforms.images.decode_image import DecodeImage
from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer


def image_errors(images: pl.Series, step: ImageTransformer | None = None) -> pl.Series:
    """Return for each image why a step refuses it, null where it does not or where there is no image.

    Args:
        images: Bytes, a row each.
        step: The step that is asked; by default one that decodes only.

    >>> image_errors(pl.Series("photo", [b"GIF89a", None])).to_list()
    ['it is no JPEG, PNG or binary PNM: it starts with 47 49 46 38 39 61', None]

    Raises:
        SchemaError: a column that is no bytes.
    """
    asked = DecodeImage() if step is None else step
    _, refused = asked.run(images, {"kind": "nothing"})
    told = dict(refused)
    return pl.Series(images.name, [told.get(row) for row in range(len(images))], dtype=pl.String)
