"""Random rows for expressions: nulls, NaN, extremes, odd texts, times around changes of clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

SCHEMA = {
    "b": pl.Boolean(),
    "c": pl.Boolean(),
    "i": pl.Int64(),
    "j": pl.Int8(),
    "h": pl.UInt64(),
    "f": pl.Float64(),
    "g": pl.Float32(),
    "s": pl.String(),
    "r": pl.String(),
    "d": pl.Date(),
    "t": pl.Datetime("us"),
    "n": pl.Datetime("ns"),
    "u": pl.Datetime("us", "UTC"),
    "w": pl.Datetime("ms", "America/New_York"),
    "v": pl.Duration("us"),
    "xs": pl.List(pl.Int32()),
    "ys": pl.List(pl.Float64()),
    "ss": pl.List(pl.String()),
}
TEXTS = [
    "",
    "a",
    "Ab c",
    " x ",
    "ÄÖ ß",
    "日本",
    "😀b",
    "a,b,,c",
    "true",
    "12",
    "-7.5e3",
    "1e400",
    "+5",
    "9223372036854775808",
]
TEXTS += [
    "2013-03-31",
    "2013-03-31 02:30:00",
    "2024-02-30",
    "1969-12-31T23:59:59.1234567Z",
    "2013-11-03T01:30",
    "31.3.2013 2:30",
]
TEXTS += [
    "2013-03-10 02:30:00+05:30",
    "0000-01-01",
    "9999-12-31T23:59:59-23:59",
    "\ta\n",
    "a\nb",
    "\x1f",
    "FALSE",
    ".5",
    "5.",
]
INTS = [0, 1, -1, 2, 3, -7, 10, 2**31, -(2**53) - 1, 2**63 - 1, -(2**63)]
FLOATS = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    2.5,
    0.1,
    1e300,
    -1e-300,
    5e-324,
    1000.0,
    float("nan"),
    float("inf"),
    float("-inf"),
    9.3e18,
]
TIMES = [
    "1969-12-31T23:59:59.999999",
    "2013-03-10T02:30:00",
    "2013-11-03T01:30:00",
    "2013-03-31T01:30:00.000001",
]
TIMES += [
    "2000-02-29T12:00:00",
    "1600-02-29T00:00:00",
    "1883-11-18T12:00:00",
    "2014-12-29T00:00:00",
    "2024-10-27T02:30:00",
]


def times(
    low: datetime = datetime(2, 1, 1), high: datetime = datetime(9998, 1, 1)
) -> st.SearchStrategy[datetime]:
    listed = [each for each in map(datetime.fromisoformat, TIMES) if low <= each <= high]
    return st.sampled_from(listed) | st.datetimes(low, high)


def values(column: str) -> st.SearchStrategy[Any]:
    """Return values of a column as Polars takes them."""
    ints = st.sampled_from(INTS) | st.integers(-(2**63), 2**63 - 1) | st.integers(-12, 12)
    floats = st.sampled_from(FLOATS) | st.floats(allow_nan=True) | st.integers(-40, 40).map(lambda n: n / 4)
    texts = st.sampled_from(TEXTS) | st.text(st.sampled_from("aAbBß ,日😀é\n0127.-:"), max_size=6)
    kinds = {
        **dict.fromkeys(["b", "c"], st.booleans()),
        "i": ints,
        "j": st.integers(-128, 127),
        "h": st.integers(0, 2**64 - 1),
        "f": floats,
        "g": st.floats(width=32),
        "s": texts,
        "r": texts,
        "d": times().map(datetime.date),
        "t": times(),
        "n": times(datetime(1678, 1, 1), datetime(2262, 1, 1)),
        "u": times(),
        "w": times(datetime(1678, 1, 1), datetime(2262, 1, 1)),
        "v": st.integers(-(2**40), 2**40).map(lambda n: timedelta(microseconds=n)),
        "xs": st.lists(st.none() | st.integers(-3, 3), max_size=3),
        "ys": st.lists(st.none() | st.sampled_from(FLOATS), max_size=3),
        "ss": st.lists(st.none() | texts, max_size=3),
    }
    return st.none() | kinds[column]


def frames() -> st.SearchStrategy[pl.DataFrame]:
    """Return tables of one row or a few."""
    row = st.fixed_dictionaries({name: values(name) for name in SCHEMA})
    return st.lists(row, min_size=1, max_size=5).map(frame_of)


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    plain = {name: dtype for name, dtype in SCHEMA.items() if name not in ("u", "w")}
    frame = pl.DataFrame(rows, schema=plain | {"u": pl.Datetime("us"), "w": pl.Datetime("us")}, strict=False)
    aware = [pl.col(name).dt.replace_time_zone("UTC").cast(SCHEMA[name]) for name in ("u", "w")]
    return frame.with_columns(aware).select(list(SCHEMA))


def plain_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as the oracle has them: times are days or microseconds, numbers of 64 bits."""
    read = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if isinstance(dtype, pl.Datetime):
            column = column.cast(pl.Datetime("us", dtype.time_zone))
        read.append(column.to_physical().cast(_plain(dtype), strict=False).alias(name))
    return frame.select(read).to_dicts()


def _plain(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.List):
        return pl.List(_plain(dtype.inner))
    if dtype.is_float() or isinstance(dtype, pl.String | pl.Boolean):
        return pl.Float64() if dtype.is_float() else dtype
    return pl.Int64()
