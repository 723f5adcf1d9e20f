"""Polars, the kernel and naive Python give the same value, bit for bit, of any expression in any row."""

from __future__ import annotations

import math
import struct

import polars as pl
from expression_oracle import value_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_expressions import NAMES, expressions
from random_rows import SCHEMA, frames, plain_rows
from time_oracle import BeyondRulesError

from bighead.pipeline_lib.expressions import RowExpression, expression
from bighead.pipeline_lib.expressions.kinds import dtype_of, kind_of
from bighead.pipeline_lib.expressions.reading import typed_over

KINDS = {name: kind_of(dtype) for name, dtype in SCHEMA.items()}
kinds = st.sampled_from([*NAMES, "interval"])
# Hypothesis shrinks slowly where expressions nest; the failing ones are short enough.
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def bits(value):
    """A value as it is stored: floats by their bits, of which NaN has many."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else struct.pack("<d", value)
    return value


def in_polars(sql: str, frame: pl.DataFrame) -> list:
    found = frame.with_columns(expression(sql, "it", frame.schema).alias("it"))["it"]
    kind = typed_over(sql, "it", KINDS, SCHEMA).kind
    if dtype_of(kind) != found.dtype:
        # A bare column keeps its type.
        found = found.cast(dtype_of(kind), strict=False)
    return [bits(each) for each in found.to_physical().to_list()]


def in_rust(sql: str, frame: pl.DataFrame) -> list:
    made = RowExpression(sql, "it", SCHEMA)
    kind = typed_over(sql, "it", KINDS, SCHEMA).kind
    # The table's rows as Python has them: microseconds, and 64 bits.
    rows = frame.with_columns(pl.col("n").cast(pl.Datetime("us"))).to_dicts()
    found = pl.Series(made.values(rows), dtype=dtype_of(kind))
    return [bits(each) for each in found.to_physical().to_list()]


@FUZZ
@given(kinds.flatmap(expressions), frames())
def test_tables_and_rows_give_what_python_gives(sql, frame):
    node = typed_over(sql, "it", KINDS, SCHEMA)
    try:
        wanted = [bits(value_of(node, row)) for row in plain_rows(frame)]
    except BeyondRulesError:
        return
    assert in_polars(sql, frame) == wanted, sql
    assert in_rust(sql, frame) == wanted, sql
