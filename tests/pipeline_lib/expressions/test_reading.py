"""Mistakes in an expression are told with their place, what was expected and the cure."""

from __future__ import annotations

import contextlib

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import BigheadError, DefinitionError, SchemaError
from bighead.pipeline_lib.expressions import condition, expression, reads
from bighead.pipeline_lib.expressions.lexer import tokens
from bighead.pipeline_lib.expressions.parser import parse_node
from bighead.pipeline_lib.expressions.syntax import WrongExpressionError

SCHEMA = {
    "arr_delay": pl.Int64(),
    "s": pl.String(),
    "t": pl.Datetime("us"),
    "u": pl.Datetime("us", "UTC"),
    "price": pl.Decimal(10, 2),
    "xs": pl.List(pl.Int64()),
}


@pytest.mark.parametrize(
    ("sql", "column", "told", "cure"),
    [
        ("", 1, "the end stands where a value was expected", "one expression"),
        ("arr_delay >", 12, "the end stands where a value was expected", "one expression"),
        ("arr_delay ; 1", 11, "';' belongs to no expression", "one expression"),
        ("'open", 1, "a quote that is never closed", "one expression"),
        ("(arr_delay", 11, "the end stands where ) was expected", "one expression"),
        ("arr_delay 5", 11, "'5' stands where an operator or the end was expected", "one expression"),
        ("abs(arr_delay 5)", 15, "'5' stands where ',' or ')' was expected", "one expression"),
        ("s BETWEEN 'a'", 14, "the end stands where AND was expected", "one expression"),
        ("s NOT 5", 7, "'5' stands where IN, BETWEEN, LIKE or ILIKE", "one expression"),
        ("s IS 5", 6, "'5' stands where NULL, TRUE or FALSE", "one expression"),
        ("CASE s END", 8, "'END' stands where WHEN", "one expression"),
        ("CAST(s AS FLOATY)", 1, "there is no type 'FLOATY'", "BIGINT"),
        ("uper(s)", 1, "there is no function 'uper'", "Did you mean 'upper'"),
        ("zzyx(s)", 1, "there is no function 'zzyx'", "docs/expressions.md"),
        ("sum(arr_delay)", 1, "'sum' looks beyond its row", "aggregations compare rows"),
        ("1 + now()", 5, "'now' asks for the time", "time_since_last"),
        ("date_trunc('dya', t)", 12, "'dya' is no unit of time", "day"),
        ("t AT TIME ZONE 'Europe/Pris'", 16, "'Europe/Pris' is no zone", "Did you mean 'Europe/Paris'"),
        ("t + INTERVAL '1 month'", 14, "a month has no fixed length", "weeks"),
        ("t + INTERVAL 'soon'", 14, "'soon' is no interval", "1 day 2 hours"),
        ("strptime(s, '%Y-%q')", 13, "has '%q'", "%Y"),
        ("strptime(s, '%H:%M')", 13, "names no day", "%Y, %m and %d"),
        ("strptime(s, '%F %d')", 13, "names a part twice", ""),
        ("strptime(s, '%F%z')", 13, "has %z", "to_timestamp"),
        ("to_timestamp(s, '%F')", 17, "lacks %z", "third argument"),
        ("regexp_like(s, '(')", 16, "is no pattern", ""),
        ("t > 'soon'", 5, "'soon' is no timestamp", "2013-01-31 10:00:00"),
        ("t > '2013-02-30'", 5, "there is no day '2013-02-30'", ""),
        ("t > '2013-02-20 25:00'", 5, "there is no time", ""),
        ("u > '2013-02-20 05:00'", 5, "is no instant", "2013-01-31T10:00:00Z"),
        ("round(1.5, 99)", 12, "99 decimal places", "0 to 15"),
        ("split_part(s, '', 1)", 15, "the separator is empty", ""),
        ("99999999999999999999", 1, "does not fit 64 bits", "float"),
        ("1e999", 1, "beyond floats", ""),
        ("replace(s, s, 'x')", 12, "the constant is computed", "spelled out"),
    ],
)
def test_what_means_nothing_is_pointed_at(sql, column, told, cure):
    with pytest.raises(DefinitionError, match="no SQL expression") as refused:
        expression(sql, "the source of 'x'", SCHEMA)
    lines = refused.value.message.splitlines()
    assert told in lines[0]
    assert lines[-1].index("^") - 4 == column - 1
    assert cure in (refused.value.cure or "")


@pytest.mark.parametrize(
    ("sql", "column", "told", "cure"),
    [
        ("arr_delay + s", 11, "'+' does not take int, text", "int, int → int"),
        ("upper(arr_delay)", 1, "'upper' does not take int", "text → text"),
        ("arr_delay = 'late'", 11, "'=' does not take int, text", "S, S → bool"),
        ("CASE WHEN s THEN 1 END", 11, "WHEN has text", "truth"),
        ("CASE WHEN s = '' THEN 1 ELSE 'x' END", 1, "CASE gives int, text", "one kind"),
        ("CAST(t AS DOUBLE)", 1, "timestamp does not cast to float", "It casts to date, instant"),
        ("price * 2", 7, "does not take Decimal", "CAST(x AS DOUBLE)"),
        ("t < u", 3, "'<' does not take timestamp, instant", "S, S"),
        ("xs = xs", 4, "'=' does not take list[int], list[int]", ""),
        ("substr(s)", 1, "'substr' does not take text", "text, int, int → text"),
    ],
)
def test_what_does_not_fit_the_columns_is_pointed_at(sql, column, told, cure):
    with pytest.raises(SchemaError, match="the source of 'x' cannot be read") as refused:
        expression(sql, "the source of 'x'", SCHEMA)
    lines = refused.value.message.splitlines()
    assert told in lines[0]
    assert lines[-1].index("^") - 4 == column - 1
    assert cure in refused.value.cure
    assert "select and where" in refused.value.cure


def test_a_missing_column_is_named_with_the_nearest():
    with pytest.raises(SchemaError, match=r"lacks the column 'arr_dely'.*Did you mean 'arr_delay'"):
        expression("arr_dely > 15", "it", SCHEMA)


def test_a_condition_is_a_truth():
    frame = pl.DataFrame({"arr_delay": [1, 20, None]})
    assert frame.filter(condition("arr_delay > 15", "it", frame.schema)).height == 1
    assert frame.filter(condition("NULL", "it", frame.schema)).height == 0
    with pytest.raises(SchemaError, match="a condition is int"):
        condition("arr_delay", "it", frame.schema)


def test_the_place_is_found_in_long_lines_and_among_several():
    with pytest.raises(DefinitionError) as refused:
        expression("arr_delay > 15\n  AND upr(s) = 'x'", "it", SCHEMA)
    assert refused.value.message.splitlines()[-2:] == ["      AND upr(s) = 'x'", "          ^"]
    long = " AND ".join(["arr_delay > 15"] * 40) + " AND + "
    with pytest.raises(DefinitionError) as refused:
        expression(long, "it", SCHEMA)
    assert len(refused.value.message.splitlines()[-2]) < 80


@pytest.mark.parametrize(
    ("sql", "same"),
    [
        ("a OR b AND NOT c = d", "(a OR (b AND (NOT (c = d))))"),
        ("a + b * -c // d", "a + ((b * (-c)) // d)"),
        ("a - b - c", "(a - b) - c"),
        ("a IS NOT NULL AND b", "(NOT (a IS NULL)) AND b"),
        ("a NOT BETWEEN 1 AND 2 OR c", "(NOT (a >= 1 AND a <= 2)) OR c"),
        ("a || b LIKE 'x%'", "(a || b) LIKE 'x%'"),
        ("-a::int", "-(CAST(a AS INT))"),
        ("xs[1] + 1", "(xs[1]) + 1"),
        ("EXTRACT(YEAR FROM t)", "year(t)"),
        ("NULLIF(a, 0)", "CASE WHEN a = 0 THEN NULL ELSE a END"),
        ("CASE a WHEN 1 THEN b END", "CASE WHEN a = 1 THEN b ELSE NULL END"),
        ('"a" != `b` -- and so on', "a <> b"),
        ("TRY_CAST(a AS DOUBLE PRECISION)", "a::DOUBLE"),
        ("CAST(a AS TIMESTAMP WITH TIME ZONE)", "a::timestamptz"),
        ("INTERVAL 7 days", "INTERVAL '7 days'"),
    ],
)
def test_operators_bind_as_in_sql(sql, same):
    assert shape(parse_node(sql)) == shape(parse_node(same))


def shape(node):
    fields = {name: value for name, value in vars(node).items() if name != "at"}
    args = [shape(each) for each in fields.pop("args", ())]
    inner = [shape(fields.pop("argument"))] if "argument" in fields else []
    return (type(node).__name__, fields, args + inner)


def test_columns_are_read_once_in_order():
    assert reads("CASE WHEN b > a THEN CAST(c AS INT) ELSE b END") == ("b", "a", "c")
    assert reads('"an odd ""name""" = \'it\'\'s\'') == ('an odd "name"',)
    assert reads("1") == ()


def test_nesting_is_bounded():
    with pytest.raises(DefinitionError, match="more than 100"):
        reads("(" * 200 + "a" + ")" * 200)


@given(st.text(st.sampled_from("ab1. ,()'\"+-<>=[]%|:\nCASTENDOR"), max_size=30))
def test_any_text_parses_or_is_refused_with_its_place(sql):
    refused = None
    try:
        parse_node(sql)
    except WrongExpressionError as wrong:
        refused = wrong
    assert refused is None or 0 <= refused.at <= len(sql)
    if refused is None:
        assert tokens(sql)
    with contextlib.suppress(BigheadError):
        expression(sql, "it", {"a": pl.Int64(), "b": pl.String()})
