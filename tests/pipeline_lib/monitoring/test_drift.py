from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.monitoring import measure_drift
from bighead.pipeline_lib.monitoring.drift import ks

floats = st.lists(
    st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(-1e6, 1e6)), min_size=1, max_size=40
)


def frame(**columns) -> pl.DataFrame:
    return pl.DataFrame(columns)


@given(floats)
def test_nothing_drifts_from_itself(values):
    column = pl.DataFrame({"x": values}, schema={"x": pl.Float64})
    (found,) = measure_drift(column, column).features
    assert (found.psi, found.ks, found.missing_change) == (0.0, 0.0, 0.0)


@given(floats, floats)
def test_drift_is_finite_and_never_negative(one, other):
    schema = {"x": pl.Float64}
    (found,) = measure_drift(
        pl.DataFrame({"x": one}, schema=schema), pl.DataFrame({"x": other}, schema=schema)
    ).features
    assert math.isfinite(found.psi)
    assert found.psi >= 0
    assert 0 <= found.ks <= 1
    assert -1 <= found.missing_change <= 1


def naive_ks(one, other) -> float:
    return max(abs(np.mean(one <= x) - np.mean(other <= x)) for x in [*one, *other])


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=20), st.lists(st.integers(0, 9), min_size=1, max_size=20)
)
def test_ks_is_the_largest_distance_of_the_distributions(one, other):
    assert ks(np.array(one, float), np.array(other, float)) == pytest.approx(
        naive_ks(np.array(one), np.array(other))
    )


def test_what_moved_most_comes_first_with_what_moved():
    rng = np.random.default_rng(0)
    reference = frame(
        calm=rng.normal(size=4000),
        moved=rng.normal(size=4000),
        gone=rng.normal(size=4000),
        word=["a", "b"] * 2000,
    )
    now = frame(
        calm=rng.normal(size=2000),
        moved=rng.normal(1.5, size=2000),
        gone=[None if n % 2 else 0.0 for n in range(2000)],
        word=["a", "c"] * 1000,
    )
    report = measure_drift(reference, now)
    by_name = {each.column: each for each in report.features}
    assert by_name["calm"].psi < 0.02
    assert {each.column for each in report.drifted()} == {"moved", "gone", "word"}
    assert report.worst == report.features[0]
    assert by_name["moved"].ks == pytest.approx(0.547, abs=0.03)
    assert by_name["gone"].missing_change == 0.5
    assert by_name["word"].ks is None


def test_a_change_that_only_missing_values_show_is_seen():
    (found,) = measure_drift(frame(x=[1.0] * 100), frame(x=[1.0] * 50 + [None] * 50)).features
    assert found.psi > 0.25
    assert found.ks == 0.0


def test_psi_of_known_shares():
    (found,) = measure_drift(frame(x=["a"] * 50 + ["b"] * 50), frame(x=["a"] * 80 + ["b"] * 20)).features
    assert found.psi == pytest.approx(0.3 * math.log(0.8 / 0.5) - 0.3 * math.log(0.2 / 0.5), abs=1e-3)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(SchemaError, match="lacks the column 'y'"):
        measure_drift(frame(x=[1]), frame(x=[1]), ["y"])
    with pytest.raises(SchemaError, match="one kind"):
        measure_drift(frame(x=[1]), frame(x=["a"]))
    with pytest.raises(DataError, match="has no rows"):
        measure_drift(frame(x=[1.0]), pl.DataFrame({"x": []}, schema={"x": pl.Float64}))
