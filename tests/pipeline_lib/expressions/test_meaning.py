"""What the dialect says where others say otherwise: zeros, overflows, nulls, NaN, places, casts and times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from bighead.pipeline_lib.expressions import derive, expression

MOST, LEAST = 2**63 - 1, -(2**63)
NAN, INF = float("nan"), float("inf")


def value(sql: str, **columns):
    """The value in a table of one row, which is that in a table of three."""
    frame = pl.DataFrame({name: [each] for name, each in columns.items()} | {"__one": [1]})
    made = expression(sql, "it", frame.schema)
    [found] = frame.with_columns(it=made)["it"].to_list()
    three = pl.concat([frame] * 3).with_columns(it=made)["it"].to_list()
    assert repr(three) == repr([found] * 3)
    return found


@pytest.mark.parametrize(
    ("sql", "columns", "wanted"),
    [
        ("a / b", {"a": 7, "b": 2}, 3.5),
        ("a / b", {"a": 7, "b": 0}, None),
        ("a / b", {"a": 7.0, "b": -0.0}, None),
        ("a // b", {"a": -7, "b": 2}, -4),
        ("a % b", {"a": -7, "b": 2}, 1),
        ("a // b", {"a": 7, "b": 0}, None),
        ("a % 0", {"a": 7}, None),
        ("a // -1", {"a": LEAST}, None),
        ("a + 1", {"a": MOST}, None),
        ("a * 2", {"a": MOST}, None),
        ("-a", {"a": LEAST}, None),
        ("abs(a)", {"a": LEAST}, None),
        ("a + 0.5", {"a": 1}, 1.5),
        ("a % 2.5", {"a": -1.0}, 1.5),
        ("a = a", {"a": NAN}, True),
        ("a > 1e300", {"a": NAN}, True),
        ("a = 0.0", {"a": -0.0}, True),
        ("ln(a)", {"a": 0.0}, -INF),
        ("round(a)", {"a": 2.5}, 2.0),
        ("round(a, 2)", {"a": 1.005}, 1.0),
        ("log10(a)", {"a": 1000}, 3.0),
        ("pow(a, 3)", {"a": 2}, 8.0),
        ("greatest(a, b)", {"a": None, "b": 2}, 2),
        ("least(a, b)", {"a": NAN, "b": 2.0}, 2.0),
        ("a AND b", {"a": None, "b": False}, False),
        ("a OR b", {"a": None, "b": True}, True),
        ("NOT a", {"a": None}, None),
        ("a IN (1, NULL)", {"a": 2}, None),
        ("a NOT IN (1, 2.5)", {"a": 2}, True),
        ("a BETWEEN 1 AND 3", {"a": None}, None),
        ("a IS NOT TRUE", {"a": None}, True),
        ("substr(a, 0, 3)", {"a": "abc"}, "ab"),
        ("substr(a, -1)", {"a": "abc"}, "abc"),
        ("substr(a, 2, -1)", {"a": "abc"}, None),
        ("a || NULL", {"a": "x"}, None),
        ("concat(a, NULL, 'y')", {"a": "x"}, "xy"),
        ("length(a)", {"a": "é😀"}, 2),
        ("split_part(a, ',', 9)", {"a": "x"}, ""),
        ("replace(a, '', 'z')", {"a": "x"}, "x"),
        ("a LIKE '%.x'", {"a": "ayx"}, False),
        ("a LIKE 'a_b'", {"a": "a\nb"}, True),
        ("CAST(a AS INT)", {"a": "12x"}, None),
        ("TRY_CAST(a AS INT)", {"a": "12x"}, None),
        ("CAST(a AS INT)", {"a": -1.9}, -1),
        ("CAST(a AS INT)", {"a": 1e19}, None),
        ("CAST(a AS INT)", {"a": NAN}, None),
        ("CAST(a AS DOUBLE)", {"a": Decimal("1.50")}, 1.5),
        ("CAST(a AS TEXT)", {"a": 5.0}, "5.0"),
        ("CAST(a AS TIMESTAMP)", {"a": "2013-01-01"}, datetime(2013, 1, 1)),
        (
            "CAST(a AS TIMESTAMP)",
            {"a": "2013-01-01T10:00:00.1234567"},
            datetime(2013, 1, 1, 10, 0, 0, 123456),
        ),
        ("CAST(a AS TIMESTAMPTZ)", {"a": "2013-01-01 10:00+01:00"}, datetime(2013, 1, 1, 9, tzinfo=UTC)),
        ("CAST(a AS DATE)", {"a": "2013-02-29"}, None),
        ("STRPTIME(a, '%d.%m.%Y %H:%M')", {"a": "1.2.2013 5:00"}, datetime(2013, 2, 1, 5)),
        ("to_timestamp(a, '%Y-%m-%d %H:%M', 'Europe/Paris')", {"a": "2013-03-31 02:30"}, None),
        ("to_timestamp(a)", {"a": 1.5}, datetime(1970, 1, 1, 0, 0, 1, 500000, UTC)),
        ("date_diff('day', a, b)", {"a": datetime(2013, 1, 1, 23), "b": date(2013, 1, 2)}, 1),
        ("date_diff('year', b, a)", {"a": date(2013, 1, 1), "b": date(2012, 12, 31)}, 1),
        ("date_diff('week', b, a)", {"a": date(2013, 1, 7), "b": date(2013, 1, 6)}, 1),
        ("date_trunc('week', a)", {"a": date(1969, 12, 31)}, date(1969, 12, 29)),
        ("date_trunc('hour', a)", {"a": datetime(1969, 12, 31, 23, 59)}, datetime(1969, 12, 31, 23)),
        ("extract(dow FROM a)", {"a": date(2013, 1, 6)}, 0),
        ("a - b", {"a": date(2013, 1, 6), "b": date(2013, 1, 5)}, timedelta(days=1)),
        ("a + INTERVAL '1 day 2 hours'", {"a": date(2013, 1, 6)}, datetime(2013, 1, 7, 2)),
        ("a + INTERVAL '1 day'", {"a": datetime(9999, 12, 31, 12)}, None),
        ("a > '2013-01-05'", {"a": date(2013, 1, 6)}, True),
        ("a AT TIME ZONE 'America/New_York'", {"a": datetime(2013, 11, 3, 1, 30)}, None),
        (
            "a AT TIME ZONE 'Asia/Kathmandu'",
            {"a": datetime(2013, 1, 1, tzinfo=UTC)},
            datetime(2013, 1, 1, 5, 45),
        ),
        ("xs[1] + xs[-1]", {"xs": [1, 2, 5]}, 6),
        ("xs[0]", {"xs": [1]}, None),
        ("array_contains(xs, 1.0)", {"xs": [1]}, True),
        ("cardinality(xs)", {"xs": []}, 0),
        ("CASE a WHEN 1 THEN 'one' END", {"a": 2}, None),
        ("nullif(a, 2)", {"a": 2}, None),
    ],
)
def test_the_value_is_as_stated(sql, columns, wanted):
    found = value(sql, **columns)
    assert found == wanted or repr(found) == repr(wanted)
    assert type(found) is type(wanted)


def test_a_bare_column_keeps_its_type_and_values():
    frame = pl.DataFrame({"a": [Decimal("1.5")], "b": [1], "c": [{"x": 1}]}, schema_overrides={"b": pl.Int16})
    made = derive(
        frame.lazy(), "it", {"d": "a", "e": "b", "f": "c", "g": "coalesce(c, NULL)"}, "c IS NOT NULL"
    )
    assert made.collect_schema()["e"] == pl.Int16
    assert made.collect().row(0) == (Decimal("1.5"), 1, {"x": 1}, Decimal("1.5"), 1, {"x": 1}, {"x": 1})


@pytest.mark.parametrize("width", [pl.Int8, pl.UInt32, pl.Int64, pl.UInt64, pl.Int128])
def test_integers_of_any_width_are_64_bits(width):
    frame = pl.DataFrame({"a": [1, 100]}, schema={"a": width})
    made = frame.select(it=expression("a * 3", "it", frame.schema))
    assert made["it"].to_list() == [3, 300]
    assert made["it"].dtype == pl.Int64


def test_an_integer_beyond_64_bits_with_a_sign_is_null():
    frame = pl.DataFrame({"a": [2**64 - 1, 5]}, schema={"a": pl.UInt64})
    assert frame.select(expression("a + 0", "it", frame.schema)).to_series().to_list() == [None, 5]


def test_select_and_where_read_the_table_and_not_each_other():
    frame = pl.DataFrame({"x": [1, 2, 3]}).lazy()
    made = derive(frame, "it", {"x": "x * 10", "y": "x + 1"}, "x > 1").collect()
    assert made.rows() == [(20, 3), (30, 4)]


def test_one_bad_row_takes_no_other_away():
    frame = pl.DataFrame({"a": ["1", "x", "3"], "b": [0, 1, 2]})
    made = expression("CAST(a AS INT) // b", "it", frame.schema)
    assert frame.select(made).to_series().to_list() == [None, None, 1]
