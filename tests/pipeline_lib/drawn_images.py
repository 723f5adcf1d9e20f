"""Images for tests: made by code, and two photographs; beside them what Pillow makes of them."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from PIL import Image, ImageOps
from sklearn.datasets import load_sample_image

from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer

Array = np.ndarray[Any, Any]
SIZES = [(1, 1), (1, 7), (9, 1), (8, 8), (16, 17), (33, 31), (120, 90)]


@cache
def photo(name: str) -> Image.Image:
    """Return one of scikit-learn's photographs: china.jpg or flower.jpg."""
    return Image.fromarray(load_sample_image(name))


def gradient(width: int, height: int) -> Image.Image:
    """Return smooth colours."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, (x + y) / 2], axis=2).astype(np.uint8))


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    """Return colours drawn at random."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def strokes(width: int, height: int) -> Image.Image:
    """Return what looks like text: thin black strokes on white."""
    made = np.full((height, width, 3), 255, dtype=np.uint8)
    random = np.random.default_rng(3)
    for _ in range(width * height // 60):
        x, y = random.integers(0, width), random.integers(0, height)
        if random.random() < 0.5:
            made[y, x : x + 6] = 0
        else:
            made[y : y + 9, x] = 0
    return Image.fromarray(made)


def drawn() -> list[Image.Image]:
    """Return images of all kinds and of sizes that fit no block."""
    made = [draw(*size) for draw in (gradient, noise, strokes) for size in SIZES]
    return [*made, photo("china.jpg"), photo("flower.jpg")]


def saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return an image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(encoded: bytes) -> Image.Image:
    """Return what Pillow reads: upright, red, green and blue, or grey."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded)))
    return image if image.mode == "L" else image.convert("RGB")


def run(step: ImageTransformer, *images: bytes | None) -> list[Any]:
    """Return what a step answers to a column of images."""
    frame = pl.DataFrame({"photo": pl.Series([*images], dtype=pl.Binary)})
    return step.transform(frame)["photo"].to_list()


def pixels(pnm: bytes | Image.Image) -> Array:
    """Return the values of a PNM, read by these lines alone, or of a Pillow image."""
    if isinstance(pnm, Image.Image):
        return np.asarray(pnm)
    kind, size, most, data = pnm.split(b"\n", 3)
    width, height = (int(side) for side in size.split())
    assert most == b"255"
    shape = (height, width) if kind == b"P5" else (height, width, 3)
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def off(one: bytes | Image.Image, other: bytes | Image.Image) -> float:
    """Return the mean absolute difference of two images of one size."""
    left, right = pixels(one), pixels(other)
    assert left.shape == right.shape
    return float(np.abs(left.astype(float) - right.astype(float)).mean())
