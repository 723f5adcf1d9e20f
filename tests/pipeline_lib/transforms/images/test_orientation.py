"""All orientations of EXIF against Pillow's ImageOps.exif_transpose."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from drawn_images import noise, off, opened, pixels, run, saved
from PIL import Image

from bighead.pipeline_lib.transforms.images import DecodeImage, FlipImage, RotateImage


def exif(orientation: int, order: str = "<", kind: int = 3) -> bytes:
    """A TIFF structure of two entries, the second of which is the orientation."""
    mark = b"II" if order == "<" else b"MM"
    value = struct.pack(order + {1: "B3x", 3: "H2x", 4: "I"}[kind], orientation)
    entries = (
        struct.pack(order + "HHII", 0x0110, 2, 4, 0) + struct.pack(order + "HHI", 0x0112, kind, 1) + value
    )
    return b"Exif\0\0" + mark + struct.pack(order + "HIH", 42, 8, 2) + entries + struct.pack(order + "I", 0)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [(31, 18), (1, 40), (70, 33)])
def test_every_orientation(orientation, mode, size):
    image = noise(*size).convert(mode)
    jpeg, png = (
        saved(image, quality=100, subsampling=0, exif=exif(orientation)),
        saved(image, "PNG", exif=exif(orientation)),
    )
    as_jpeg, as_png = run(DecodeImage(), jpeg, png)
    assert off(as_jpeg, opened(jpeg)) <= 1.0
    assert np.array_equal(pixels(as_png), np.asarray(opened(png)))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
def test_both_byte_orders(order, kind):
    encoded = saved(noise(5, 3), "PNG", exif=exif(6, order, kind))
    assert np.array_equal(pixels(run(DecodeImage(), encoded)[0]), np.asarray(opened(encoded)))


@pytest.mark.parametrize(
    "broken", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", exif(9), exif(0), exif(6)[:25]]
)
def test_what_says_no_orientation_turns_nothing(broken):
    image = noise(5, 3)
    encoded = saved(image, "PNG", exif=broken) if broken else saved(image, "PNG")
    assert np.array_equal(pixels(run(DecodeImage(), encoded)[0]), np.asarray(image))


TURNS = {
    FlipImage("horizontal"): Image.Transpose.FLIP_LEFT_RIGHT,
    FlipImage("vertical"): Image.Transpose.FLIP_TOP_BOTTOM,
    RotateImage(90): Image.Transpose.ROTATE_90,
    RotateImage(180): Image.Transpose.ROTATE_180,
    RotateImage(270): Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("step", TURNS)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_turns(step, mode):
    image = noise(45, 67).convert(mode)
    made = pixels(run(step, saved(image, "PNG"))[0])
    assert np.array_equal(made, np.asarray(image.transpose(TURNS[step])))
