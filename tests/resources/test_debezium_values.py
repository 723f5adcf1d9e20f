"""What Debezium's and Connect's typed numbers mean, boundaries included."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.resources.debezium_values import read

DEBEZIUM, CONNECT = "io.debezium.time.", "org.apache.kafka.connect.data."
EARLY = datetime(1969, 12, 31, 23, 59, 59, 999999)


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        (DEBEZIUM + "Timestamp", 1384077600123, datetime(2013, 11, 10, 10, 0, 0, 123000)),
        (CONNECT + "Timestamp", -1, datetime(1969, 12, 31, 23, 59, 59, 999000)),
        (DEBEZIUM + "MicroTimestamp", -1, EARLY),
        (DEBEZIUM + "NanoTimestamp", -1, EARLY),
        (DEBEZIUM + "NanoTimestamp", 1999, datetime(1970, 1, 1, 0, 0, 0, 1)),
        (DEBEZIUM + "Date", -1, date(1969, 12, 31)),
        (CONNECT + "Date", 16019, date(2013, 11, 10)),
        (DEBEZIUM + "Time", 61_001, time(0, 1, 1, 1000)),
        (DEBEZIUM + "MicroTime", 86_399_999_999, time(23, 59, 59, 999999)),
        (DEBEZIUM + "NanoTime", 1_999, time(0, 0, 0, 1)),
        (DEBEZIUM + "MicroDuration", -5, timedelta(microseconds=-5)),
        (DEBEZIUM + "ZonedTimestamp", "2013-11-10T10:00:00Z", "2013-11-10T10:00:00Z"),
        (DEBEZIUM + "Date", None, None),
        ("some.other.Name", 7, 7),
    ],
)
def test_a_number_is_what_the_schema_says(name, value, meant):
    assert read(value, {"name": name}, None, naive=True) == meant
    zoned = read(value, {"name": name}, None, naive=False)
    assert zoned == (meant.replace(tzinfo=UTC) if isinstance(meant, datetime) else meant)


@given(st.integers(-(10**30), 10**30), st.integers(0, 9))
def test_a_decimal_is_its_digits_and_its_scale(digits, scale):
    data = b64encode(digits.to_bytes(16, "big", signed=True)).decode()
    meant = Decimal(f"{digits}e-{scale}")
    kept = {"name": CONNECT + "Decimal", "parameters": {"scale": str(scale)}}
    assert read(data, kept, pl.Decimal(38, scale), naive=True) == meant
    of_any_scale = {"name": "io.debezium.data.VariableScaleDecimal"}
    assert read({"scale": scale, "value": data}, of_any_scale, None, naive=True) == meant
    assert read(data, kept, pl.Float64(), naive=True) == float(meant)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (DEBEZIUM + "Timestamp", "noon"),
        (DEBEZIUM + "Timestamp", True),
        (DEBEZIUM + "MicroTimestamp", 10**30),
        (DEBEZIUM + "Date", 10**9),
        (CONNECT + "Decimal", "AQ=="),
        ("io.debezium.data.VariableScaleDecimal", "AQ=="),
    ],
)
def test_what_is_none_of_its_kind_is_refused(name, value):
    with pytest.raises(ValueError, match="is no "):
        read(value, {"name": name}, None, naive=True)
