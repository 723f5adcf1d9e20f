"""The pictures' numbers: where points lie, where axes are marked, what bars share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.evaluation import evaluate
from bighead.serving.ui.charts import HEIGHT, WIDTH, Axis, bars, curve, nice_step, sampled
from bighead.serving.ui.evaluation_charts import evaluation_charts
from bighead.serving.ui.stored_bundle import read_evaluation


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_round_few_and_inside(low, length):
    axis = Axis(low, low + length, 50, 400)
    ticks = axis.ticks()
    assert len(ticks) <= 7
    assert all(50 <= tick.at <= 400 for tick in ticks)


@given(st.floats(1e-9, 1e9))
def test_a_step_is_nice_and_no_less(rough):
    step = nice_step(rough)
    assert rough * (1 - 1e-6) <= step <= rough * 2.6
    assert f"{step:e}".split("e")[0].rstrip("0").rstrip(".") in {"1", "2", "5"}


@given(st.integers(0, 2000), st.integers(2, 50))
def test_a_sample_keeps_both_ends(count, limit):
    chosen = sampled(count, limit)
    assert len(chosen) <= max(limit, 0) or count <= limit
    assert chosen == sorted(set(chosen))
    assert chosen[:1] + chosen[-1:] == ([0, count - 1] if count else [])


def test_a_curve_lies_in_its_axes_and_grows_upwards():
    drawn = curve("n", "", ("x", "y"), [(0, 0), (0.5, 1), (1, 2)], ["a", "b", "c"])
    assert [(dot.x, dot.y) for dot in drawn.dots] == [
        (drawn.left, drawn.bottom),
        ((drawn.left + drawn.right) / 2, drawn.top),
        (drawn.right, drawn.top),
    ]
    assert (drawn.width, drawn.height) == (WIDTH, HEIGHT)


def test_bars_are_longest_first_and_share_the_whole():
    drawn = bars([("a", 1.0), ("b", 3.0), ("c", 0.0), ("d", -1.0)], 3)
    assert [(bar.label, bar.length, bar.text) for bar in drawn] == [
        ("b", 100, "75.0%"),
        ("a", 33.33, "25.0%"),
        ("c", 0, "0.0%"),
    ]
    assert bars([], 3) == ()


@pytest.fixture
def stored(tmp_path):
    import json

    labels = [0, 0, 0, 1] * 50
    scores = [((index * 37) % 100) / 100 for index in range(200)]
    (tmp_path / "evaluation.json").write_text(json.dumps(evaluate(labels, scores).to_dict()))
    return read_evaluation(str(tmp_path))


def test_all_charts_come_from_the_stored_evaluation(stored):
    roc, precision, calibration, predictions = evaluation_charts(stored)
    assert roc.line.startswith(f"M{roc.left} {roc.bottom}")
    assert roc.line.endswith(f"L{roc.right} {roc.top}")
    assert "threshold" in roc.dots[5].title
    # Chance reaches the share of positives, a quarter.
    height = precision.bottom - 0.25 * (precision.bottom - precision.top)
    assert precision.reference == f"M{precision.left} {height:g}L{precision.right} {height:g}"
    assert sum(float(dot.title.split(", ")[2].split()[0]) for dot in calibration.dots) == 200
    assert len(predictions.dots) == 40
    assert predictions.names == ("positive", "negative")
