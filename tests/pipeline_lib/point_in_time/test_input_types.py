"""What each operation gives of each type of input: the documented type, and the value of what stands behind it.

Decimals without their point, durations and times in their units, and text of one byte a character are integers and
text, whose operations other tests hold to their definitions: the same join over them is the oracle here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.features.operations import OPERATIONS
from bighead.pipeline_lib.features.result_types import result_type
from bighead.pipeline_lib.point_in_time import values_at
from bighead.pipeline_lib.point_in_time.clean import KNOWN, TIME

START = datetime(1969, 12, 31, 12, tzinfo=UTC)
ADDING = [name for name, operation in OPERATIONS.items() if operation.adds]
DECIMAL, DURATION, CLOCK = pl.Decimal(18, 3), pl.Duration("ms"), pl.Time()
KINDS: dict[str, tuple[pl.DataType, list[Any]]] = {
    "integer": (pl.Int16(), [3, None, -7]),
    "unsigned": (pl.UInt64(), [3, None, 2**63 - 1]),
    "float": (pl.Float32(), [1.5, None, -0.0]),
    "decimal": (DECIMAL, ["1.100", None, "-2.250"]),
    "truth": (pl.Boolean(), [True, None, False]),
    "duration": (DURATION, [timedelta(seconds=90), None, timedelta(milliseconds=-1)]),
    "text": (pl.String(), ["b", None, "å"]),
    "category": (pl.Categorical(), ["b", None, "å"]),
    "enum": (pl.Enum(["å", "b"]), ["b", None, "å"]),
    "bytes": (pl.Binary(), [b"b", None, b"\xff\x00"]),
    "date": (pl.Date(), [date(1960, 2, 29), None, date(9999, 12, 31)]),
    "time": (CLOCK, [timedelta(hours=1), None, timedelta(hours=23)]),
    "local time": (pl.Datetime("ms"), [START.replace(tzinfo=None), None, datetime(2100, 1, 1)]),
    "instant": (pl.Datetime("ns", "Europe/Oslo"), [START, None, START + timedelta(days=1)]),
}


def series(dtype: pl.DataType, values: list[Any]) -> pl.Series:
    if isinstance(dtype, pl.Time):
        nanoseconds = [None if each is None else each // timedelta(microseconds=1) * 1000 for each in values]
        return pl.Series("x", nanoseconds, dtype=pl.Int64).cast(pl.Time)
    if isinstance(dtype, pl.Decimal):
        return pl.Series("x", values, dtype=pl.String).cast(dtype)
    return (
        pl.Series("x", values).cast(dtype)
        if isinstance(dtype, pl.Datetime)
        else pl.Series("x", values, dtype)
    )


def aggregation(operation: str, window: str = "1d") -> Aggregation:
    needs = OPERATIONS[operation].needs
    return Aggregation(
        "x",
        operation,
        [window],
        k=1 if needs == "k" else None,
        quantiles=[0.25, 0.5] if needs == "quantiles" else None,
        half_life="1h" if needs == "half_life" else None,
    )


def answers(column: pl.Series, operation: str) -> pl.Series:
    """One operation over events a minute apart, asked a minute after each."""
    made = aggregation(operation)
    feature_set = FeatureSet(
        name="s", owner="team:x", keys=["k"], source=EventSource(table="t"), aggregations=[made]
    )
    times = pl.datetime_range(START, START + timedelta(minutes=len(column) - 1), "1m", eager=True)
    times = (
        times.dt.cast_time_unit("us").dt.replace_time_zone("UTC") if times.dtype.time_zone is None else times
    )
    rows = pl.DataFrame({"k": [1] * len(column), TIME: times, KNOWN: times, "x": column})
    left = pl.DataFrame({"k": [1] * len(column), "ts": times + timedelta(minutes=1)})
    values, _ = values_at(left, feature_set.on(), rows, "ts")
    return values.to_series()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_operation_gives_its_documented_type_of_every_input_or_refuses_it(kind, operation):
    dtype, values = KINDS[kind]
    column, made = series(dtype, values), aggregation(operation)
    adds = kind in ("integer", "unsigned", "float", "decimal", "truth", "duration")
    if operation in ADDING and not adds:
        with pytest.raises(SchemaError, match=rf"the input 'x' of {operation} is .*can be added"):
            answers(column, operation)
        return
    found = answers(column, operation)
    assert found.dtype == result_type(made, dtype)
    if OPERATIONS[operation].gives == "value":
        kept = {"integer": pl.Int64(), "unsigned": pl.Int64(), "float": pl.Float64(),
                "category": pl.String(), "enum": pl.String()}.get(kind, dtype)  # fmt: skip
        assert found.dtype == kept


def test_a_sum_is_of_the_type_that_the_docs_name():
    sums = {
        kind: answers(series(*KINDS[kind]), "sum").dtype for kind in ("decimal", "truth", "duration", "float")
    }
    assert sums == {
        "decimal": pl.Decimal(38, 3), "truth": pl.Int64(), "duration": DURATION, "float": pl.Float64(),
    }  # fmt: skip


def same(found: pl.Series, expected: pl.Series, unit: int, operation: str) -> None:
    """Compare what came of a unit's multiples with what came of their counts."""
    if OPERATIONS[operation].gives in ("float", "floats"):
        power = unit**2 if operation == "variance" else unit
        power = 1 if operation in ("rate", "skew", "kurtosis") or operation.startswith("time") else power
        assert found.to_list() == [divided(each, power) for each in expected.to_list()]
        return
    assert found.is_null().to_list() == expected.is_null().to_list()
    assert plain(found).to_list() == expected.to_list()


def divided(value: Any, by: int) -> Any:
    # In Python, since Polars multiplies by the reciprocal.
    if isinstance(value, list):
        return [divided(each, by) for each in value]
    return None if value is None else value / by


def plain(found: pl.Series) -> pl.Series:
    if isinstance(found.dtype, pl.List):
        return found.list.eval(pl.element().to_physical().cast(pl.Int64))
    return found.to_physical().cast(pl.Int64)


COUNTS = st.lists(st.none() | st.integers(-(10**9), 10**9), min_size=1, max_size=12)


@settings(max_examples=30)
@given(COUNTS)
@pytest.mark.parametrize("operation", [o for o in OPERATIONS if OPERATIONS[o].gives != "counts"])
def test_decimals_and_durations_are_their_counts_of_a_unit(operation, counts):
    whole = pl.Series("x", counts, dtype=pl.Int64)
    expected = answers(whole, operation)
    thousandths = (whole.cast(pl.Decimal(38, 3)) / pl.Series([1000], dtype=pl.Decimal(38, 3))).cast(DECIMAL)
    assert thousandths.to_physical().cast(pl.Int64).to_list() == counts
    same(answers(thousandths, operation), expected, 1000, operation)
    same(answers(whole.cast(DURATION), operation), expected, 1000, operation)


@settings(max_examples=30)
@given(COUNTS)
@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o not in ADDING])
def test_times_of_day_are_their_nanoseconds_and_bytes_are_text(operation, counts):
    nanoseconds = pl.Series("x", [None if each is None else abs(each) for each in counts], dtype=pl.Int64)
    if OPERATIONS[operation].gives != "counts":
        same(answers(nanoseconds.cast(CLOCK), operation), answers(nanoseconds, operation), 1, operation)
    text = nanoseconds.cast(pl.String)
    found, expected = answers(text.cast(pl.Binary), operation), answers(text, operation)
    if OPERATIONS[operation].gives == "counts":
        found = found.list.eval(
            pl.struct(
                pl.element().struct.field("key").str.decode("hex").cast(pl.String),
                pl.element().struct.field("value"),
            )
        )
    elif found.dtype == pl.Binary:
        found = found.cast(pl.String)
    elif isinstance(found.dtype, pl.List):
        found = found.cast(pl.List(pl.String))
    assert found.to_list() == expected.to_list()


def test_histograms_name_values_as_people_write_them():
    def keys(kind: str) -> list[str]:
        return [each["key"] for each in answers(series(*KINDS[kind]), "histogram").to_list()[-1]]

    assert keys("decimal") == ["-2.250", "1.100"]
    assert keys("duration") == ["PT-0.001S", "PT90.000S"]
    assert keys("bytes") == ["62", "ff00"]
    assert keys("time") == ["01:00:00", "23:00:00"]


def test_what_64_bits_cannot_hold_is_refused_with_its_row_and_a_sum_beyond_them_is_null_and_counted():
    wide = pl.Series("x", ["1.0", "9223372036854775808.0"]).cast(pl.Decimal(38, 1))
    with pytest.raises(SchemaError, match=r"'x' .* beyond 64 bits in row 1"):
        answers(wide, "max")
    near = pl.Series("x", ["922337203685477580.7", "0.1"]).cast(pl.Decimal(38, 1))
    assert [str(each) for each in answers(near, "sum")] == ["922337203685477580.7", "None"]
    assert [str(each) for each in answers(near, "last")] == ["922337203685477580.7", "0.1"]
