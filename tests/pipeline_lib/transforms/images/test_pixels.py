"""Resizing, cropping, padding and grey are Pillow's; resizing within one level on average, the others exactly."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_images import drawn, noise, off, opened, photo, pixels, run, saved
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.transforms.images import (
    CenterCrop,
    DecodeImage,
    EncodeJpeg,
    EncodePng,
    PadImage,
    RandomCrop,
    ResizeImage,
    ToGray,
)

FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize("size", [(1, 1), (224, 224), (7, 300), (641, 10)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_resize(filter, size, mode):
    width, height = size
    images = [image.convert(mode) for image in drawn()]
    answers = run(ResizeImage(height, width, filter=filter), *[saved(image, "PNG") for image in images])
    for image, made in zip(images, answers, strict=True):
        # Across, then down: which comes first shows where a filter overshoots, and Pillow 13 chooses by the sizes.
        across = image.resize((width, image.height), FILTERS[filter])
        assert off(made, across.resize((width, height), FILTERS[filter])) <= 1.0
        if width <= image.width and height <= image.height:
            assert off(made, image.resize((width, height), FILTERS[filter])) <= 1.0


@pytest.mark.parametrize(
    ("size", "expected"), [((640, 427), (149, 100)), ((30, 91), (100, 303)), ((100, 100), (100, 100))]
)
def test_resize_by_the_shorter_side(size, expected):
    image = photo("china.jpg").resize(size)
    made = run(ResizeImage(shorter_side=100), saved(image, "PNG"))[0]
    assert off(made, image.resize(expected, Image.Resampling.BILINEAR)) <= 1.0


sides = st.integers(1, 12)


@given(size=st.tuples(sides, sides), window=st.tuples(sides, sides), gray=st.booleans())
def test_crop(size, window, gray):
    image = noise(*size).convert("L" if gray else "RGB")
    encoded = saved(image, "PNG")
    steps = CenterCrop(window[1], window[0]), RandomCrop(window[1], window[0], seed=5)
    if window[0] > size[0] or window[1] > size[1]:
        for step in steps:
            with pytest.raises(DataError, match="smaller than the crop"):
                run(step, encoded)
        return
    # As torchvision has it: int(round(…)), which rounds a half to the even number.
    left, top = round((size[0] - window[0]) / 2.0), round((size[1] - window[1]) / 2.0)
    center, anywhere = (pixels(run(step, encoded)[0]) for step in steps)
    assert np.array_equal(center, np.asarray(image.crop((left, top, left + window[0], top + window[1]))))
    all_windows = [
        np.asarray(image.crop((x, y, x + window[0], y + window[1])))
        for x in range(size[0] - window[0] + 1)
        for y in range(size[1] - window[1] + 1)
    ]
    assert any(np.array_equal(anywhere, each) for each in all_windows)


def test_random_crops_reach_every_place_about_as_often():
    image = Image.fromarray(np.arange(16, dtype=np.uint8).reshape(4, 4))
    encoded = saved(image, "PNG")
    firsts = [pixels(run(RandomCrop(2, 2, seed=seed), encoded)[0])[0, 0] for seed in range(900)]
    places, counts = np.unique(firsts, return_counts=True)
    assert places.tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert 60 < counts.min() <= counts.max() < 150


@given(size=st.tuples(sides, sides), least=st.tuples(sides, sides), gray=st.booleans())
def test_pad(size, least, gray):
    image = noise(*size).convert("L" if gray else "RGB")
    right, bottom = max(least[0] - size[0], 0), max(least[1] - size[1], 0)
    border = (right // 2, bottom // 2, right - right // 2, bottom - bottom // 2)
    fill = Image.new("RGB", (1, 1), (10, 200, 30)).convert(image.mode).getpixel((0, 0))
    made = run(PadImage(least[1], least[0], fill=(10, 200, 30)), saved(image, "PNG"))[0]
    assert np.array_equal(pixels(made), np.asarray(ImageOps.expand(image, border, fill)))


def test_gray():
    files = [saved(image, "PNG") for image in drawn()]
    for encoded, made in zip(files, run(ToGray(), *files), strict=True):
        assert np.array_equal(pixels(made), np.asarray(opened(encoded).convert("L")))


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_png_comes_back_as_it_was(mode):
    image = noise(31, 17).convert(mode)
    made = run(EncodePng(), saved(image, "PNG"))[0]
    assert np.array_equal(pixels(opened(made)), np.asarray(image))
    assert run(DecodeImage(), made) == run(DecodeImage(), saved(image, "PNG"))


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize(("subsampling", "code"), [("4:2:0", 2), ("4:4:4", 0)])
def test_jpeg_is_as_good_as_pillows(mode, subsampling, code):
    for image in (photo("china.jpg").convert(mode), photo("flower.jpg").convert(mode)):
        ours = run(EncodeJpeg(80, subsampling), saved(image, "PNG"))[0]
        theirs = saved(image, quality=80, subsampling=code)
        assert off(opened(ours), image) <= 1.1 * off(opened(theirs), image)
        assert len(ours) <= 1.1 * len(theirs)
