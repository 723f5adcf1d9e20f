"""Profiles of many partitions at once are those of each partition alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.profiles import Profile
from bighead.pipeline_lib.profiles.each import profile_each

SINCE = datetime(1969, 12, 31, 23, tzinfo=UTC)
small = st.integers(-3, 3)
floats = st.sampled_from([None, 1.5, -0.0, 0.0, float("nan"), float("inf"), -float("inf"), 1e30])
row = st.tuples(
    st.integers(0, 4), floats, st.one_of(st.none(), st.sampled_from(["", "b", "ä", "x" * 300])), small
)


def of_all_types(rows) -> pl.DataFrame:
    times = [SINCE + timedelta(hours=n) for _, _, _, n in rows]
    texts = [text for _, _, text, _ in rows]
    whole = [None if n == 3 else n for _, _, _, n in rows]
    return pl.DataFrame(
        {
            "float": pl.Series([x for _, x, _, _ in rows], dtype=pl.Float64),
            "small": pl.Series([x for _, x, _, _ in rows], dtype=pl.Float32),
            "text": pl.Series(texts, dtype=pl.String),
            "kind": pl.Series(texts, dtype=pl.Categorical),
            "whole": pl.Series(whole, dtype=pl.Int64),
            "big": pl.Series([2**64 - 1 - abs(n) for _, _, _, n in rows], dtype=pl.UInt64),
            "money": pl.Series(whole, dtype=pl.Int64).cast(pl.Decimal(20, 2)),
            "flag": pl.Series([n if n is None else n > 0 for n in whole], dtype=pl.Boolean),
            "time": pl.Series(times, dtype=pl.Datetime("us", "UTC")),
            "fine": pl.Series(times, dtype=pl.Datetime("ns", "UTC")),
            "day": pl.Series([date(1970, 1, 1) + timedelta(days=n) for _, _, _, n in rows], dtype=pl.Date),
            "span": pl.Series([timedelta(hours=n) for _, _, _, n in rows], dtype=pl.Duration("us")),
            "list": pl.Series([None if n is None else [n] for n in whole], dtype=pl.List(pl.Int64)),
            "raw": pl.Series([None if t is None else t.encode() for t in texts], dtype=pl.Binary),
            "none": pl.Series([None] * len(rows), dtype=pl.Null),
        }
    )


def assert_each_is_its_own(frame: pl.DataFrame, place: np.ndarray, count: int) -> None:
    found = profile_each(frame, place, count)
    assert len(found) == count
    for number, profile in enumerate(found):
        alone = Profile.of(frame.filter(pl.Series(place == number)))
        for name, column in alone.columns.items():
            assert profile.columns[name].to_plain() == column.to_plain(), name
        assert profile == alone


@given(st.lists(row, max_size=30))
def test_the_profile_of_each_partition_is_that_of_its_rows_alone(rows):
    rows = sorted(rows, key=lambda each: each[0])
    place = np.array([each[0] for each in rows], np.int64)
    # The last two partitions have no rows.
    assert_each_is_its_own(of_all_types(rows), place, 7)


@pytest.mark.parametrize("distinct", [60, 66, 2_000, 9_000])
def test_many_values_are_cut_and_sketched_as_those_of_each_partition(distinct):
    random = np.random.default_rng(distinct)
    values = random.integers(0, distinct, 9_000)
    frame = pl.DataFrame({"n": values, "x": values / 7, "id": [f"{n:>05}" for n in values]})
    assert_each_is_its_own(frame, np.sort(random.integers(0, 3, 9_000)), 3)
