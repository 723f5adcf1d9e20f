"""Derivations over single rows give what tables give, and are not asked where only tables can."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features.derivation import resolve
from bighead.pipeline_lib.point_in_time.derived_expressions import with_derivations
from bighead.pipeline_lib.point_in_time.derived_rows import DerivedRows, may_be_rows

SCHEMA = pl.Schema(
    {"x": pl.Float64(), "n": pl.Int64(), "t": pl.String(), "ok": pl.Boolean(), "at": pl.Datetime("us", "UTC")}
)
DERIVED = {
    "a_rate": "x / n",
    "b_high": "a_rate > 2 OR ok",
    "c_same": "x",
    "d_grown": "n * n",
    "e_level": "CASE WHEN b_high THEN upper(t) ELSE 'low' END",
    "f_hour": "hour(at)",
    "g_zero": "-abs(x)",
    "h_root": "sqrt(x)",
}
ROWS = st.fixed_dictionaries(
    {
        "x": st.none() | st.floats(),
        "n": st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2),
        "t": st.none() | st.text(st.characters(codec="ascii"), max_size=4),
        "ok": st.none() | st.booleans(),
        "at": st.none() | st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)),
    }
)


def derived_of(given_, columns):
    return sorted(
        resolve("s", given_, {name: (name,) for name in columns}), key=lambda each: (each.level, each.name)
    )


@given(st.lists(ROWS, min_size=1, max_size=5))
def test_rows_are_derived_as_tables_are(rows):
    derived = derived_of(DERIVED, SCHEMA)
    made = DerivedRows(SCHEMA, derived, "s")
    expected = with_derivations(pl.DataFrame(rows, schema=SCHEMA), derived, "s")
    for row, wanted in zip(rows, expected.to_dicts(), strict=True):
        found = dict(row)
        made.add(found)
        # The text of a float tells its zeros apart.
        assert {name: repr(found[name]) for name in DERIVED} == {name: repr(wanted[name]) for name in DERIVED}


@pytest.mark.parametrize(
    "dtype", [pl.Decimal(9, 2), pl.Datetime("us", "Europe/Berlin"), pl.Struct({"a": pl.Int8})]
)
def test_columns_that_are_handed_on_stay_with_tables(dtype):
    derived = derived_of({"same": "x"}, ["x", "y"])
    assert not may_be_rows({"x": dtype, "y": pl.Int64()}, derived)
    assert may_be_rows({"x": pl.Float32(), "y": dtype}, derived)


def test_a_value_of_another_type_is_told():
    made = DerivedRows(SCHEMA, derived_of({"twice": "n * 2"}, SCHEMA), "s")
    with pytest.raises(SchemaError, match="'twice' of 's'"):
        made.add({"n": "three"})
