"""The predefined networks learn texts and images, with either framework, and a loaded bundle answers as they do."""

from __future__ import annotations

import sys

import numpy as np
import polars as pl
import pytest
from apart import answers_elsewhere, saved
from drawn_rows import images

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.predefined import image_cnn, text_cnn

# Torch first: the other order is refused in one process (test_one_process.py).
FRAMEWORKS = ["torch", "keras"]
WORDS = ["gate", "rain", "wind", "crew", "fog", "snow"]


def reviews(count: int = 240) -> tuple[pl.DataFrame, pl.Series]:
    """Texts that say "very late" somewhere, or both words apart from each other."""
    random = np.random.default_rng(5)
    told, labels = [], random.integers(0, 2, count)
    for late in labels:
        words = [*random.choice(WORDS, 6)]
        if late:
            words[2:2] = ["very", "late"]
        else:
            words = ["late", *words, "very"]
        told.append(" ".join(words))
    frame = pl.DataFrame({"review": [*told, None]})
    return frame, pl.Series([*labels, 0]).cast(pl.Boolean)


def as_files(tensors: pl.Series) -> pl.DataFrame:
    """Grey images as binary PNM."""
    levels = np.clip(np.stack(tensors.to_list()).reshape(len(tensors), 64) * 60 + 90, 0, 255).astype(np.uint8)
    return pl.DataFrame({"photo": [b"P5 8 8 255 " + row.tobytes() for row in levels]})


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_text_cnn_learns_which_words_stand_together(framework, tmp_path):
    rows, labels = reviews()
    p = text_cnn(
        "review", framework=framework, length=12, dimensions=8, channels=8, widths=[2], learning_rate=0.02
    )
    p.fit(rows, labels)
    answered = p.answer(rows)
    assert ((answered["probability"] > 0.5) == labels).mean() > 0.95
    # Words that it never saw, none at all, and a missing text are answered, too.
    odd = pl.DataFrame({"review": ["never seen", "", None]})
    assert p.answer(odd)["probability"].null_count() == 0
    assert p.answer(odd)["probability"][1] == p.answer(odd)["probability"][2]
    saved(p, rows, tmp_path / "bundle")
    elsewhere = answers_elsewhere(tmp_path / "bundle", rows)
    np.testing.assert_allclose(elsewhere["probability"], answered["probability"], atol=1e-5)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_image_cnn_learns_tensors(framework, tmp_path):
    rows, kinds = images()
    p = image_cnn(
        "image", task="multiclass", framework=framework, channels=[4, 8], epochs=10, learning_rate=0.01
    )
    p.fit(rows, kinds)
    answered = p.answer(rows)
    named = [name.removeprefix("probability_") for name in answered.columns]
    guessed = pl.Series([named[at] for at in answered.to_numpy().argmax(axis=1)])
    assert (guessed == kinds).mean() > 0.9
    saved(p, rows, tmp_path / "bundle")
    elsewhere = answers_elsewhere(tmp_path / "bundle", rows)
    np.testing.assert_allclose(elsewhere.to_numpy(), answered.to_numpy(), atol=1e-5)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_image_cnn_reads_files(framework, tmp_path):
    tensors, kinds = images()
    rows, square = as_files(tensors["image"]), (kinds == "square").cast(pl.Float64) * 100 + 7
    p = image_cnn(
        "photo",
        size=8,
        task="regression",
        framework=framework,
        channels=[4, 8],
        epochs=15,
        learning_rate=0.01,
    )
    p.fit(rows, square)
    answered = p.answer(rows)["prediction"]
    assert np.corrcoef(answered, square)[0, 1] > 0.9
    with pytest.raises(DataError):
        p.answer(pl.DataFrame({"photo": [b"no image"]}))
    saved(p, rows, tmp_path / "bundle")
    np.testing.assert_allclose(
        answers_elsewhere(tmp_path / "bundle", rows)["prediction"], answered, rtol=1e-4, atol=1e-3
    )


def test_both_frameworks_were_here():
    assert {"torch", "tensorflow"} <= {*sys.modules}
