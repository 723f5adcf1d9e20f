"""Profiles of frames: merged over days they are that of all rows, and they are stored without loss."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgpack
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.profiles import Profile, merge_profiles
from bighead.pipeline_lib.profiles.column import ColumnProfile, instant_of, merge_columns

floats = st.one_of(
    st.none(), st.sampled_from([float("nan"), float("inf"), -float("inf"), -0.0]), st.floats(-9, 9)
)
rows = st.lists(
    st.tuples(floats, st.one_of(st.none(), st.sampled_from("abc")), st.integers(-5, 5)), max_size=12
)


def frame(listed) -> pl.DataFrame:
    schema = {"price": pl.Float64, "tier": pl.String, "age": pl.Int32}
    return pl.DataFrame(listed, schema=schema, orient="row")


def exact(profile: Profile) -> dict[str, tuple]:
    """What merges bit by bit, few values given: all but the moments."""
    return {
        name: (
            *(c.kind, c.count, c.nulls, c.nans, c.positive_infinities, c.negative_infinities),
            *(c.minimum, c.maximum, c.distinct, c.top.counts, c.top.error, c.moments.n),
            [c.quantiles.quantile(q / 8) for q in range(9)],
        )
        for name, c in profile.columns.items()
    }


@given(rows, rows, rows)
def test_merging_is_associative_and_gives_the_profile_of_all_rows(one, two, three):
    a, b, c = (Profile.of(frame(each)) for each in (one, two, three))
    left, right = merge_profiles([merge_profiles([a, b]), c]), merge_profiles([a, merge_profiles([b, c])])
    whole = Profile.of(frame(one + two + three))
    assert exact(left) == exact(right) == exact(whole) == exact(merge_profiles([c, a, b]))
    assert left.rows == whole.rows
    for name, column in whole.columns.items():
        assert left.columns[name].moments.m2 == pytest.approx(column.moments.m2, abs=1e-9)


@given(rows)
def test_counts_agree_with_a_walk_over_the_rows(listed):
    column = Profile.of(frame(listed)).columns["price"]
    values = [row[0] for row in listed]
    known = [v for v in values if v is not None]
    finite = [v for v in known if v == v and abs(v) < 1e300]
    assert column.nulls == values.count(None)
    assert column.nans == sum(v != v for v in known)
    assert column.infinities == len(known) - len(finite) - column.nans
    assert column.minimum == min(finite, default=None)
    assert column.maximum == max(finite, default=None)
    assert column.quantiles.count == column.moments.n == len(finite)


@given(rows)
def test_storing_loses_nothing(listed):
    profile = Profile.of(frame(listed))
    assert Profile.from_plain(msgpack.unpackb(msgpack.packb(profile.to_plain()))) == profile


def test_times_texts_and_nested_values_have_what_can_be_said_of_them():
    made = pl.DataFrame(
        {
            "at": [datetime(1969, 12, 31, 23, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)],
            "day": [date(2024, 1, 1), None],
            "name": ["x" * 500, "a"],
            "list": [[1, 2], None],
            "none": [None, None],
            "flag": [True, False],
        }
    )
    found = Profile.of(made).columns
    assert instant_of(found["at"].minimum) == datetime(1969, 12, 31, 23, tzinfo=UTC)
    assert instant_of(found["day"].maximum) == datetime(2024, 1, 1, tzinfo=UTC)
    assert (found["name"].minimum, len(found["name"].maximum)) == ("a", 120)
    assert found["list"].kind == "nested"
    assert found["list"].distinct.estimate == 1
    assert (found["none"].kind, found["none"].nulls) == ("empty", 2)
    assert found["flag"].top.counts == {"false": 1, "true": 1}
    assert {each.kind for name, each in found.items() if name in ("at", "day")} == {"time"}


def test_whole_numbers_beyond_floats_keep_their_extremes():
    big = pl.Series([2**63 - 1, -(2**63)], dtype=pl.Int64)
    column = ColumnProfile.of(big)
    assert (column.minimum, column.maximum) == (-(2**63), 2**63 - 1)
    assert ColumnProfile.of(pl.Series([2**64 - 1], dtype=pl.UInt64)).maximum == 2**64 - 1


def test_a_column_of_two_kinds_is_mixed_and_one_without_values_is_neutral():
    number, text = ColumnProfile.of(pl.Series([1.5])), ColumnProfile.of(pl.Series(["a"]))
    empty = ColumnProfile.of(pl.Series([None], dtype=pl.Float64))
    assert merge_columns([number, empty]).kind == "number"
    both = merge_columns([text, merge_columns([empty, number])])
    assert (both.kind, both.minimum, both.dtype) == ("mixed", None, "Float64 | String")
    assert both == merge_columns([merge_columns([text, empty]), number])
    assert merge_columns([]) == ColumnProfile()
