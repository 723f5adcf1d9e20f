"""JPEG files for the benchmarks of images: two photographs of 1024 × 768 pixels, quality 90, 4:2:0."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import polars as pl

from bighead.pipeline_lib.transforms.images import EncodeJpeg, ResizeImage

WIDTH, HEIGHT = 1024, 768


def make_files(folder: Path) -> None:
    """Write scikit-learn's photographs at that size, unless they are there."""
    names = ["china.jpg", "flower.jpg"]
    if all((folder / name).exists() for name in names):
        return
    folder.mkdir(parents=True, exist_ok=True)
    source = files("sklearn.datasets.images")
    photos = pl.DataFrame({"photo": [source.joinpath(name).read_bytes() for name in names]})
    for step in (ResizeImage(HEIGHT, WIDTH, filter="bicubic"), EncodeJpeg(90)):
        photos = step.transform(photos)
    for name, encoded in zip(names, photos["photo"], strict=True):
        (folder / name).write_bytes(encoded)
