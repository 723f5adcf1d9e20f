"""What is decoded is what Pillow decodes, within one level on average."""

from __future__ import annotations

import io

import numpy as np
import pytest
from drawn_images import drawn, noise, off, opened, photo, pixels, run, saved
from PIL import Image

from bighead.pipeline_lib.transforms.images import DecodeImage

SUBSAMPLINGS = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}
PHOTO = photo("china.jpg").resize((201, 133))


def decoded(encoded: bytes) -> bytes:
    return run(DecodeImage(), encoded)[0]


@pytest.mark.parametrize("subsampling", SUBSAMPLINGS)
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("quality", [30, 90, 100])
def test_jpeg(subsampling, progressive, quality):
    # Colours of half the width that end within one block are spread otherwise than Pillow does.
    wide = [image for image in drawn() if subsampling == "4:4:4" or image.width > 8]
    files = [
        saved(image, quality=quality, progressive=progressive, subsampling=SUBSAMPLINGS[subsampling])
        for image in wide
    ]
    for encoded, made in zip(files, run(DecodeImage(), *files), strict=True):
        assert off(made, opened(encoded)) <= 1.0


@pytest.mark.parametrize(
    "options", [{"optimize": True}, {"restart_marker_blocks": 3}, {"restart_marker_rows": 1}]
)
def test_jpeg_with_tables_and_restarts_of_its_own(options):
    encoded = saved(PHOTO, quality=85, **options)
    assert off(decoded(encoded), opened(encoded)) <= 1.0


def test_gray_jpeg_stays_gray():
    encoded = saved(PHOTO.convert("L"), quality=85)
    assert decoded(encoded).startswith(b"P5\n201 133\n")
    assert off(decoded(encoded), opened(encoded)) <= 1.0


@pytest.mark.parametrize("image", [PHOTO.convert("CMYK"), noise(40, 30).convert("CMYK")])
def test_jpeg_of_inks(image):
    encoded = saved(image, quality=95)
    assert Image.open(io.BytesIO(encoded)).mode == "CMYK"
    assert off(decoded(encoded), opened(encoded)) <= 1.0


def test_jpeg_of_red_green_and_blue():
    encoded = saved(PHOTO, quality=95, keep_rgb=True)
    assert off(decoded(encoded), opened(encoded)) <= 1.0


def modes() -> dict[str, Image.Image]:
    """Images of the kinds that PNG knows."""
    plain = noise(37, 23)
    alpha = Image.fromarray(np.random.default_rng(1).integers(0, 256, (23, 37), dtype=np.uint8))
    with_alpha = plain.copy()
    with_alpha.putalpha(alpha)
    return {
        "RGB": plain,
        "RGBA": with_alpha,
        "L": plain.convert("L"),
        "LA": with_alpha.convert("LA"),
        "P": plain.quantize(200),
        "P of 16": plain.quantize(16),
        "P of 4": plain.quantize(4),
        "1": plain.convert("1"),
    }


@pytest.mark.parametrize("mode", modes())
def test_png_is_exact(mode):
    encoded = saved(modes()[mode], "PNG")
    made = pixels(decoded(encoded))
    expected = np.asarray(opened(encoded).convert("L" if made.ndim == 2 else "RGB"))
    assert np.array_equal(made, expected)


def test_transparent_colors_of_a_palette_are_dropped():
    encoded = saved(noise(9, 9).quantize(8), "PNG", transparency=3)
    assert np.array_equal(pixels(decoded(encoded)), np.asarray(opened(encoded)))


def test_png_of_16_bits_of_color_keeps_the_upper_eight():
    # Pillow writes no such file; its header and one stored row do.
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    values = np.random.default_rng(2).integers(0, 65536, (1, 50, 3), dtype=np.uint16)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50, 1, 16, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" + values.astype(">u2").tobytes()))
    encoded = b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")
    assert np.array_equal(pixels(decoded(encoded)), np.asarray(opened(encoded)))
    assert np.array_equal(pixels(decoded(encoded)), (values >> 8).astype(np.uint8))


@pytest.mark.parametrize(
    "header", [b"P6 2 2 255\n", b"P6\n# by hand\n2 # wide\n2\n255 ", b"P6\t2\r\n2\n255\n"]
)
def test_pnm_headers(header):
    data = bytes(range(12))
    assert np.array_equal(pixels(decoded(header + data)), np.asarray(opened(header + data)))


@pytest.mark.parametrize(
    ("kind", "most"), [(b"P5", 1), (b"P5", 15), (b"P6", 100), (b"P6", 1023), (b"P6", 65535)]
)
def test_pnm_of_another_maximum_is_scaled(kind, most):
    wide = 2 if most > 255 else 1
    values = np.random.default_rng(4).integers(0, most + 1, 60 if kind == b"P6" else 20)
    data = values.astype(">u2" if wide == 2 else np.uint8).tobytes()
    encoded = kind + f" 5 4 {most}\n".encode() + data
    assert np.array_equal(pixels(decoded(encoded)), np.asarray(opened(encoded)))


def test_what_was_decoded_is_decoded_to_itself():
    made = decoded(saved(PHOTO))
    assert decoded(made) == made
