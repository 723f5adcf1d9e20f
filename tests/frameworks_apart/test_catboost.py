"""CatBoost's trees answer as CatBoost itself does, are stored in its format, and equal fits have equal bytes."""

from __future__ import annotations

import catboost
import numpy as np
import polars as pl
import pytest
from apart import answers_elsewhere, saved

from bighead.pipeline_lib.errors import ArtifactError, DataError, UnknownNameError
from bighead.pipeline_lib.frameworks import CatBoostClassifier, CatBoostRegressor
from bighead.pipeline_lib.pipeline import Pipeline

RANDOM = np.random.default_rng(0)
FRAME = pl.DataFrame(
    {
        "n": [None if at % 7 == 0 else float(x) for at, x in enumerate(RANDOM.normal(size=300))],
        "town": [("Rome", "Oslo", "", None)[at % 4] for at in range(300)],
        "w": RANDOM.integers(1, 4, 300),
    }
)
TWO = [int((x or 0) > 0 and at % 4 != 1) for at, x in enumerate(FRAME["n"])]
CASES = {
    "two": (CatBoostClassifier(30), TWO),
    "three": (CatBoostClassifier(20), [("a", "b", "c")[at % 4 % 3] for at in range(300)]),
    "number": (CatBoostRegressor(30), (FRAME["n"].fill_null(0.0) * 10).to_list()),
    "poisson": (CatBoostRegressor(30, loss_function="Poisson"), [float(at % 4) for at in range(300)]),
    "early": (CatBoostClassifier(300, early_stopping_rounds=5), TWO),
}


def on(step, columns=("n", "town")) -> Pipeline:
    p = Pipeline("cat")
    p[list(columns)] >>= step
    return p


@pytest.mark.parametrize("name", CASES)
def test_it_learns_repeats_and_another_process_answers_the_same(name, tmp_path):
    step, labels = CASES[name]
    first, second = on(step).fit(FRAME, labels), on(step).fit(FRAME, labels)
    assert first.score(FRAME, pl.Series(labels)) > (0.1 if name == "poisson" else 0.8)
    one = saved(first, FRAME, tmp_path / "one")
    assert one.content_hash == saved(second, FRAME, tmp_path / "two").content_hash
    assert answers_elsewhere(tmp_path / "one", FRAME).equals(first.answer(FRAME))
    single = np.concatenate([first.answer(FRAME[at]).to_numpy() for at in range(30)])
    assert np.array_equal(single, first.answer(FRAME[:30]).to_numpy())
    assert first.answer(FRAME[:0]).height == 0


def test_it_is_catboosts_own():
    rows = FRAME.select("n").with_columns(pl.col("n").fill_null(float("nan"))).to_numpy().astype(np.float32)
    theirs = catboost.CatBoostClassifier(
        iterations=30, learning_rate=0.1, depth=6, l2_leaf_reg=3.0, random_seed=0, thread_count=1,
        allow_writing_files=False, logging_level="Silent",
    ).fit(rows, TWO)  # fmt: skip
    ours = on(CatBoostClassifier(30), ["n"]).fit(FRAME, TWO)
    np.testing.assert_array_equal(ours.predict_proba(FRAME)[:, 1], theirs.predict_proba(rows)[:, 1])


def test_hard_values_are_answered_and_gains_named():
    fitted = on(CatBoostClassifier(10, weight_column="w"), ["n", "town", "w"]).fit(FRAME, TWO)
    hard = pl.DataFrame(
        {"n": [float("inf"), -1e300, None], "town": ["never seen", "\ud7ff𝄞", None], "w": [1, None, 2]}
    )
    assert fitted.answer(hard)["probability"].is_finite().all()
    gains = fitted.graph.nodes[-1].step.gains()
    assert set(gains) == {"n", "town", "w"}
    assert gains["w"] == 0.0


def test_what_cannot_be_is_refused_with_the_cure():
    with pytest.raises(UnknownNameError, match="loss of CatBoost"):
        CatBoostRegressor(loss_function="RMSSE")
    with pytest.raises(DataError, match="CatBoost says"):
        on(CatBoostClassifier(depth=99)).fit(FRAME, TWO)
    with pytest.raises(DataError, match="all 300 labels"):
        on(CatBoostClassifier()).fit(FRAME, [1] * 300)
    fitted = CatBoostClassifier(5)
    fitted.fit(FRAME.select("n"), pl.Series(TWO))
    cut = {**fitted.state(), "trees.cbm": fitted.state()["trees.cbm"][:40]}
    with pytest.raises(ArtifactError, match="cannot be read"):
        CatBoostClassifier.from_state(fitted.params(), cut).transform(FRAME.select("n"))
