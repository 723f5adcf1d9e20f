"""Many rows are packed and digested at once as each would be by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.point_in_time.key_digest import (
    digest,
    digests_of_rows,
    digests_of_values,
    split_digests,
)
from bighead.resources.online_rows import pack

plain = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 70), 1 << 64), st.text(max_size=40), st.binary(max_size=5)
)


@given(
    st.one_of(
        st.lists(plain, max_size=9),
        st.lists(st.text(max_size=300), max_size=9),
        st.lists(st.integers(-(1 << 63), (1 << 64) - 1), max_size=9),
    )
)
def test_digests_of_values_are_those_of_keys_of_one(values):
    if any(type(each) is int and not -(1 << 63) <= each < 1 << 64 for each in values):
        with pytest.raises(OverflowError):
            digests_of_values(values)
        return
    assert split_digests(digests_of_values(values)) == [digest([each]) for each in values]


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.text(max_size=40)), st.integers(-(1 << 63), (1 << 63) - 1)),
        max_size=80,
    )
)
def test_digests_of_rows_are_those_of_their_keys(rows):
    frame = pl.DataFrame(rows, schema={"text": pl.String, "number": pl.Int64}, orient="row")
    assert split_digests(digests_of_rows(frame)) == [digest(row) for row in rows]
    days = frame.with_columns(pl.lit(date(2013, 11, 2)).alias("day"))
    assert split_digests(digests_of_rows(days)) == [digest(row) for row in days.rows()]


TYPES = [
    pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64,
    pl.Float32, pl.Float64, pl.Boolean, pl.String, pl.Null,
]  # fmt: skip


@pytest.mark.parametrize("dtype", TYPES)
def test_rows_are_packed_as_messagepack_has_them(dtype):
    given = {
        pl.Boolean: [True, False, None],
        pl.String: ["", "ß" * 20, None, "x" * 70_000],
        pl.Null: [None, None],
    }.get(dtype)
    if given is None and dtype.is_float():
        given = [0.5, -0.0, float("nan"), float("inf"), None]
    elif given is None:
        ends = pl.select(low=dtype.min(), high=dtype.max()).row(0)
        given = [*ends, 0, 1, 127, None]
    frame = pl.DataFrame({"a": pl.Series(given, dtype=dtype), "b": [1] * len(given)})
    assert pack(frame) == [msgspec.msgpack.encode(row) for row in frame.rows()]
    chunks = pl.concat([frame, frame], rechunk=False)
    assert pack(chunks) == pack(frame) * 2
    assert pack(frame.clear()) == []


def test_rows_of_other_types_are_packed_too():
    moment = datetime(2013, 11, 2, tzinfo=UTC)
    frame = pl.DataFrame({"at": [moment], "list": [[1, 2]], "raw": [b"x"]})
    assert pack(frame) == [msgspec.msgpack.encode((1383350400000000, [1, 2], b"x"))]
