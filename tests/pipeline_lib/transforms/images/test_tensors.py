"""Tensors, histograms and hashes of images, by NumPy and Pillow."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest
from drawn_images import drawn, gradient, noise, opened, photo, pixels, run, saved
from PIL import Image
from scipy.fft import dct

from bighead.pipeline_lib.transforms.images import (
    CenterCrop,
    ColorHistogram,
    DecodeImage,
    EncodeJpeg,
    ImageToTensor,
    PerceptualHash,
    ResizeImage,
    ToGray,
)

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalised(image: Image.Image | bytes, mean=MEAN, std=STD) -> np.ndarray:
    values = pixels(image)
    values = np.stack([values] * 3, axis=2) if values.ndim == 2 else values
    return ((values / 255.0 - mean) / std).astype(np.float32).transpose(2, 0, 1)


def test_a_tensor_is_what_the_steps_make_one_after_the_other():
    files = [saved(image, quality=88) for image in drawn()] + [saved(noise(40, 30).convert("L"))]
    step = ImageToTensor(32, 48, shorter_side=50, filter="lanczos")
    for encoded, tensor in zip(files, run(step, *files), strict=True):
        made = encoded
        for each in (DecodeImage(), ResizeImage(shorter_side=50, filter="lanczos"), CenterCrop(32, 48)):
            made = run(each, made)[0]
        assert np.array_equal(np.array(tensor, dtype=np.float32), normalised(made))


@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
@pytest.mark.parametrize("filter", ["bilinear", "bicubic", "lanczos"])
def test_a_tensor_is_pillows_within_a_level(name, filter):
    encoded = saved(photo(name), quality=90)
    expected = opened(encoded).resize((224, 224), Image.Resampling[filter.upper()])
    tensor = np.array(run(ImageToTensor(filter=filter), encoded)[0])
    levels = np.array(STD)[:, None, None] * 255
    assert np.abs((tensor - normalised(expected)) * levels).mean() <= 1.0


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("size", [300, 200, 100, 50, 20])
@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
def test_scaled_decoding_is_near_and_reads_every_kind(name, size, subsampling):
    image = photo(name)
    made = [
        saved(image, quality=90, subsampling=subsampling),
        saved(image.convert("L"), quality=90),
        saved(image, quality=90, subsampling=subsampling, progressive=True),
        saved(image, quality=90, subsampling=subsampling, restart_marker_blocks=7),
        saved(
            image,
            quality=90,
            subsampling=subsampling,
            exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
        ),
        saved(image, "PNG"),
    ]
    full, scaled = (
        np.array(run(ImageToTensor(size, size, mean=(0, 0, 0), std=(1, 1, 1), decode=decode), *made))
        for decode in ("full", "scaled")
    )
    off = np.abs(full - scaled).mean(axis=(1, 2, 3)) * 255
    # Progressive files and PNG are decoded fully, as is what would come out too small.
    assert off[2] == off[5] == 0
    assert off.max() <= 6.0
    # Pillow's draft does the same by libjpeg's small transforms.
    draft = Image.open(io.BytesIO(made[0]))
    draft.draft("RGB", (size, size))
    theirs = np.asarray(draft.resize((size, size), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    assert np.abs(scaled[0] * 255 - theirs).mean() <= 2.0
    assert (off[0] > 0) == (size <= 210)
    one_by_one = [run(ImageToTensor(size, size, decode="scaled"), each)[0] for each in made]
    assert one_by_one == run(ImageToTensor(size, size, decode="scaled"), *made)


def test_the_type_is_a_tensor_whatever_is_missing():
    series = pl.Series("photo", [None, saved(gradient(9, 9)), b"no image"], dtype=pl.Binary)
    for frame in (series.to_frame(), pl.DataFrame({"photo": series.slice(0, 1)}), series.head(0).to_frame()):
        made = ImageToTensor(4, 6, errors="missing").transform(frame)
        assert made.schema == {"photo": pl.Array(pl.Float32, (3, 4, 6))}
        assert made.height == frame.height
    only = ImageToTensor(4, 6, errors="missing").transform(series.to_frame())["photo"]
    assert only.is_null().to_list() == [True, False, True]


@pytest.mark.parametrize("bins", [1, 3, 16, 256])
def test_histograms(bins):
    files = [saved(image, "PNG") for image in drawn()]
    for encoded, made in zip(files, run(ColorHistogram(bins), *files), strict=True):
        values = pixels(opened(encoded)).reshape(-1, 3).astype(int)
        # value · bins // 256 is the bin, in whole numbers.
        expected = [np.bincount(each * bins // 256, minlength=bins) / len(values) for each in values.T]
        assert np.array_equal(np.array(made, dtype=np.float32), np.array(expected, dtype=np.float32))


def of_imagehash(image: Image.Image, method: str) -> int:
    """The bits as the package ImageHash makes them."""
    gray = image.convert("L")
    size = {"average": (8, 8), "difference": (9, 8), "frequency": (32, 32)}[method]
    cells = np.asarray(gray.resize(size, Image.Resampling.LANCZOS)).astype(float)
    if method == "average":
        bits = cells > cells.mean()
    elif method == "difference":
        bits = cells[:, 1:] > cells[:, :-1]
    else:
        low = dct(dct(cells, axis=0), axis=1)[:8, :8]
        bits = low > np.median(low)
    return int("".join("1" if bit else "0" for bit in bits.flatten()), 2)


@pytest.mark.parametrize("method", ["average", "difference", "frequency"])
@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
def test_hashes_are_those_of_imagehash(method, name):
    for image in (photo(name), photo(name).resize((300, 200)), photo(name).convert("L")):
        made = run(PerceptualHash(method), saved(image, "PNG"))[0]
        # Cells that are as bright as each other within a level may fall on either side.
        assert (int(made, 16) ^ of_imagehash(image, method)).bit_count() <= 2


@pytest.mark.parametrize("method", ["average", "difference", "frequency"])
def test_hashes_of_cells_that_need_no_resizing_are_exact(method):
    size = {"average": (8, 8), "difference": (9, 8), "frequency": (32, 32)}[method]
    for seed in range(50):
        image = noise(*size, seed=seed)
        made = run(PerceptualHash(method), saved(image, "PNG"))[0]
        assert int(made, 16) == of_imagehash(image, method)


def test_hashes_hardly_change_with_size_and_compression():
    files = [saved(photo(name), "PNG") for name in ("china.jpg", "flower.jpg")]
    smaller = run(EncodeJpeg(50), *run(ResizeImage(150, 224), *files))
    grayer = run(ToGray(), *files)
    one, other, small, small_other, *gray = (
        int(each, 16) for each in run(PerceptualHash(), *files, *smaller, *grayer)
    )
    assert (one ^ small).bit_count() <= 4
    assert (other ^ small_other).bit_count() <= 4
    assert gray == [one, other]
    assert (one ^ other).bit_count() > 16
