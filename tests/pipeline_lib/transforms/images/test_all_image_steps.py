"""What every step on images holds: rows are the batch, bad images are named, bundles bring the steps back."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import polars as pl
import pytest
from bundles import columns_of
from drawn_images import drawn, gradient, noise, photo, run, saved, strokes
from native_steps import stored

from bighead.pipeline_lib.artifact import load, save, storable_steps
from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError, UnsupportedStepError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import images
from bighead.pipeline_lib.transforms.catalogue import reference
from bighead.pipeline_lib.transforms.images import image_errors

STEPS = [
    images.DecodeImage(),
    images.EncodeJpeg(),
    images.EncodeJpeg(40, "4:4:4"),
    images.EncodePng(),
    images.ResizeImage(20, 30),
    images.ResizeImage(shorter_side=17, filter="lanczos"),
    images.CenterCrop(8, 9),
    images.RandomCrop(8, 9, seed=3),
    images.PadImage(50, 70, fill=(1, 2, 3)),
    images.FlipImage(),
    images.RotateImage(90),
    images.ToGray(),
    images.ColorHistogram(4),
    images.PerceptualHash(),
    images.ImageToTensor(16, 16, shorter_side=20),
    images.ImageToTensor(4, 4, decode="scaled"),
]
GOOD = [saved(noise(23, 19)), None, saved(gradient(31, 12), "PNG"), saved(strokes(40, 40).convert("L"))]
EVERY = pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)


def frame(*rows: bytes | None) -> pl.DataFrame:
    return pl.DataFrame({"photo": pl.Series([*rows], dtype=pl.Binary)})


def bad() -> dict[str, bytes]:
    """Images that cannot be answered, with a word of the reason."""
    jpeg, png = saved(photo("china.jpg")), saved(noise(30, 30), "PNG")
    at = png.index(b"IDAT") + 20
    return {
        "no bytes": b"",
        "47 49 46 38": saved(noise(9, 9), "GIF"),
        "broken JPEG": jpeg[: len(jpeg) // 2],
        "broken PNG": png[: len(png) // 2],
        "CRC error": png[:at] + bytes([png[at] ^ 0xFF]) + png[at + 1 :],
        "too early": b"P6 4 4 255 " + b"x" * 47,
        "header": b"P6 4 x 255 ",
        "0 × 4 pixels": b"P6 0 4 255 ",
        "more than the limit": b"P6 99999 99999 255 ",
        "16 bits of grey": b"P5 1 1 65535 ab",
    }


def test_every_step_is_among_them():
    assert {type(step) for step in STEPS} == {*images.TRANSFORMS}


@EVERY
def test_rows_and_copies_are_the_batch_and_null_is_null(step):
    data = frame(*GOOD, *[saved(image, "PNG") for image in drawn()[4:7]])
    answer = step.transform(data)
    assert answer["photo"].is_null().to_list() == data["photo"].is_null().to_list()
    for row in range(data.height):
        assert step.transform(data[row]).equals(answer[row], null_equal=True)
    several = pl.concat([data[:2], data[2:3], data[3:]], rechunk=False)
    for same in (data, several):
        assert step.transform(same).equals(answer, null_equal=True)
    for copied in (copy.deepcopy(step), pickle.loads(pickle.dumps(step)), step.clone(), stored(step)):
        assert copied.transform(data).equals(answer, null_equal=True)


@EVERY
@pytest.mark.parametrize("column", [pl.Series(["late"]), pl.Series([1]), pl.Series([[b"late"]])])
def test_only_bytes_are_taken(step, column):
    data = pl.DataFrame({"photo": column})
    with pytest.raises(SchemaError, match=r"'photo' is .*Expected bytes"):
        step.transform(data)
    pipeline = Pipeline("photos")
    pipeline["photo"] >>= step.clone()
    with pytest.raises(SchemaError, match="'photo'"):
        pipeline.fit(data)


@EVERY
def test_a_column_without_rows_or_without_images(step):
    nothing = step.transform(frame())
    assert nothing.height == 0
    missing = step.transform(frame(None, None))
    assert missing.schema == nothing.schema
    assert step.transform(pl.DataFrame({"photo": [None, None]}))["photo"].null_count() == 2


@EVERY
def test_bad_images_are_named_with_their_reasons(step):
    words, rows = zip(*bad().items(), strict=True)
    data = frame(*rows, *GOOD)
    with pytest.raises(DataError, match="10 of 14 images in 'photo'") as caught:
        step.transform(data)
    for row, word in enumerate(words):
        told = caught.value.message.split(f"row {row}: ")[1].split(f"row {row + 1}: ")[0]
        assert word in told
    lenient = step.clone()
    lenient.errors = "missing"
    made = lenient.transform(data)["photo"]
    assert made.is_null().to_list() == [True] * 10 + [row is None for row in GOOD]
    assert made[10:].equals(step.transform(frame(*GOOD))["photo"], null_equal=True)
    reasons = image_errors(data["photo"], step)
    assert reasons.is_null().to_list() == [False] * 10 + [True] * 4
    assert all(word in reason for word, reason in zip(words, reasons[:10], strict=True))


def test_only_the_first_ten_are_told():
    with pytest.raises(DataError, match="row 9: it has no bytes; and 15 more"):
        run(images.DecodeImage(), *[b""] * 25)


def test_the_limit_of_pixels_holds_for_what_is_read_and_for_what_is_made():
    image = saved(noise(20, 30), "PNG")
    assert len(run(images.DecodeImage(max_pixels=600), image)) == 1
    for step in (
        images.DecodeImage(max_pixels=599),
        images.ResizeImage(30, 21, max_pixels=600),
        images.ResizeImage(shorter_side=21, max_pixels=600),
        images.PadImage(31, 20, max_pixels=600),
    ):
        with pytest.raises(DataError, match=r"pixels, more than the limit of (600|599)"):
            run(step, image)
    strip = saved(noise(1, 3000), "PNG")
    with pytest.raises(DataError, match="60000 × 180000000 pixels, more than the limit"):
        run(images.ResizeImage(shorter_side=60_000), strip)


@pytest.mark.parametrize("step", STEPS[:6] + STEPS[8:13])
def test_the_native_plan_is_refused(step):
    with pytest.raises(UnsupportedStepError, match="has no native form"):
        step.lower(["photo"], ["photo"])


@pytest.mark.parametrize(
    "make",
    [
        lambda: images.DecodeImage(errors="ignore"),
        lambda: images.DecodeImage(max_pixels=0),
        lambda: images.EncodeJpeg(101),
        lambda: images.EncodeJpeg(subsampling="4:1:1"),
        lambda: images.ResizeImage(),
        lambda: images.ResizeImage(10),
        lambda: images.ResizeImage(10, 10, shorter_side=10),
        lambda: images.ResizeImage(10, 10, filter="area"),
        lambda: images.CenterCrop(0, 5),
        lambda: images.CenterCrop(5, True),
        lambda: images.RandomCrop(5, 5, seed=-1),
        lambda: images.PadImage(5, 5, fill=(0, 0)),
        lambda: images.PadImage(5, 5, fill=(0, 0, 256)),
        lambda: images.FlipImage("both"),
        lambda: images.RotateImage(45),
        lambda: images.ColorHistogram(257),
        lambda: images.PerceptualHash("median"),
        lambda: images.ImageToTensor(shorter_side=100),
        lambda: images.ImageToTensor(std=(1, 0, 1)),
        lambda: images.ImageToTensor(mean=(0.5, float("nan"), 0.5)),
        lambda: images.ImageToTensor(60_000, 60_000),
        lambda: images.ImageToTensor(decode="half"),
    ],
)
def test_arguments_that_cannot_be(make):
    with pytest.raises(DefinitionError, match=r"Expected|Give"):
        make()


def test_every_step_names_its_reference():
    assert all(reference(step) != "–" for step in images.TRANSFORMS)


def test_a_loaded_bundle_answers_as_the_pipeline_did(tmp_path, monkeypatch):
    for each in images.TRANSFORMS:
        monkeypatch.setitem(storable_steps.STEPS, each.__name__, each)
    data = pl.DataFrame({"photo": GOOD, "cover": GOOD[::-1]})
    pipeline = Pipeline("photos")
    pipeline["photo"] >>= [images.DecodeImage(), images.RandomCrop(6, 7), images.ImageToTensor(4, 4)]
    pipeline["cover"] >>= [images.PadImage(60, 60, fill=(9, 9, 9)), images.PerceptualHash()]
    pipeline.fit(data)
    expected = pipeline.transform(data)
    save(pipeline, tmp_path / "b", model="m", inputs=columns_of(pipeline), example_rows=data)
    loaded = load(tmp_path / "b")
    loaded.reproduce()
    assert loaded.pipeline.transform(data).equals(expected, null_equal=True)
    assert np.isfinite(np.array(expected["photo"].drop_nulls().to_list())).all()
