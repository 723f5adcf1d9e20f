"""Equal keys have equal buckets, on every machine and in every process, and different ones are spread evenly."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.point_in_time.key_hash import key_buckets

KEYS = {
    "whole": pl.Series([0, -1, 7, 2**62, None], dtype=pl.Int64),
    "text": pl.Series(["", "a", "b|", "é", None]),
    "real": pl.Series([0.0, -0.0, 1.5, float("nan"), None]),
    "true": pl.Series([True, False, True, None, True]),
    "day": pl.Series([date(1066, 10, 14), date(1970, 1, 1), None, date(2026, 1, 1), date(9999, 1, 1)]),
    "bytes": pl.Series([b"", b"\\x00", b"a", b"\\xff", None]),
    "exact": pl.Series([Decimal("1.50"), Decimal("-2.25"), None, Decimal("0.00"), Decimal("9.99")]),
    "pair": pl.Series(
        [{"a": 1, "b": "x"}, {"a": None, "b": "x"}, None, {"a": 1, "b": "y"}, {"a": 2, "b": ""}]
    ),
}
# What a cluster's machines must agree on, whatever runs there: these never change.
PINNED = {
    "whole": [52830, 338236, 626905, 255089, 338976],
    "text": [568302, 656854, 582353, 1024400, 338976],
    "real": [658450, 658450, 301424, 368016, 338976],
    "true": [479205, 52830, 479205, 338976, 479205],
    "day": [778734, 52830, 338976, 583138, 199707],
    "bytes": [568302, 586960, 1018194, 840116, 338976],
    "exact": [600346, 46803, 338976, 92364, 712126],
    "pair": [411425, 372950, 338976, 878806, 750329],
    "together": [197042, 472209, 1015267, 165221, 37994],
}
SCRIPT = "import test_key_hash as t; print(t.found())"


def found() -> dict[str, list[int]]:
    """The buckets of all keys, one by one, and of all together."""
    one_by_one = {name: key_buckets([each], 1 << 20).tolist() for name, each in KEYS.items()}
    return one_by_one | {"together": key_buckets(list(KEYS.values()), 1 << 20).tolist()}


def test_buckets_are_those_that_every_machine_has():
    assert found() == PINNED


@pytest.mark.parametrize("threads", ["1", "7"])
def test_another_process_with_other_seeds_and_threads_has_the_same(threads):
    here = os.path.dirname(__file__)
    environment = os.environ | {"PYTHONHASHSEED": threads, "POLARS_MAX_THREADS": threads}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=here, env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == str(PINNED)


values = st.one_of(st.none(), st.integers(-3, 3))
keys = st.lists(st.tuples(values, st.one_of(st.none(), st.sampled_from(["", "a", "b"]))), max_size=30)


def columns(listed) -> list[pl.Series]:
    number, text = (list(each) for each in zip(*listed, strict=True)) if listed else ([], [])
    return [pl.Series(number, dtype=pl.Int64), pl.Series(text, dtype=pl.String)]


@given(keys, keys, st.integers(1, 5_000))
def test_questions_and_rows_of_one_key_meet_wherever_they_stand(rows, questions, buckets):
    ours, theirs = (key_buckets(columns(each), buckets).tolist() for each in (rows, questions))
    place = dict(zip(rows, ours, strict=True))
    assert all(0 <= each < buckets for each in ours)
    for key, bucket in zip(questions, theirs, strict=True):
        assert place.setdefault(key, bucket) == bucket
    for key, bucket in zip(rows, ours, strict=True):
        assert place[key] == bucket
    split = pl.concat([columns(rows)[0][:3], columns(rows)[0][3:]], rechunk=False)
    assert key_buckets([split, columns(rows)[1]], buckets).tolist() == ours


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32])
def test_whole_numbers_meet_in_all_their_widths(dtype):
    listed = [0, 1, 127, None]
    assert key_buckets([pl.Series(listed, dtype=dtype)], 999).tolist() == (
        key_buckets([pl.Series(listed, dtype=pl.Int64)], 999).tolist()
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pl.Series([0.0], dtype=pl.Float32), pl.Series([-0.0], dtype=pl.Float32)),
        (pl.Series([float("nan")]), pl.Series([-float("nan")])),
        (pl.Series(["a"]), pl.Series(["b", "a"], dtype=pl.Categorical)[1:]),
        (pl.Series([[1, 2]]), pl.Series([[0], [1, 2]])[1:]),
        (pl.Series([timedelta(days=-1)]), pl.Series([timedelta(hours=-24)])),
        (
            pl.Series([datetime(1969, 12, 31, 23, tzinfo=UTC)]),
            pl.Series(["1970-01-01T00:00:00+01:00"]).str.to_datetime(time_unit="us", time_zone="UTC"),
        ),
    ],
)
def test_what_is_equal_meets_however_it_is_written(one, other):
    assert key_buckets([one], 1 << 30).tolist() == key_buckets([other], 1 << 30).tolist()


def test_composite_keys_are_not_their_texts_side_by_side():
    def bucket(*key):
        return key_buckets([pl.Series([each]) for each in key], 1 << 40)[0]

    assert (
        len({bucket("1", "23"), bucket("12", "3"), bucket("3", "12"), bucket("123", ""), bucket("", "123")})
        == 5
    )
    assert len({bucket(1, 2), bucket(2, 1), bucket(1, 2, 0), bucket(0, 1, 2), bucket(3)}) == 5


@pytest.mark.parametrize("step", [1, 2, 4_096, 1 << 32])
def test_keys_are_spread_evenly_whatever_their_pattern(step):
    numbers = pl.int_range(0, 64_000, eager=True) * step
    for key in ([numbers], [numbers.cast(pl.String)], [numbers, numbers % 3]):
        counts = np.bincount(key_buckets(key, 64), minlength=64)
        # 1,000 expected of each, with a standard deviation of 32.
        assert abs(counts - 1_000).max() < 160


def test_no_rows_and_no_key_have_no_buckets():
    assert key_buckets([], 8).tolist() == []
    assert key_buckets([pl.Series([], dtype=pl.Int64)], 8).tolist() == []
