"""SQLTransformer against the same expressions over tables, which Polars computes."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from tests.pipeline_lib.native_steps import made

from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError
from bighead.pipeline_lib.expressions import expression
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import OneHotLabelEncoder, OrdinalEncoder, SQLTransformer

ROWS = pl.DataFrame(
    {
        "price": [350.0, 80.0, None, 0.0],
        "nights": [7, 0, 3, None],
        "town ö": ["Paris", None, "", "New York"],
        "at": [datetime(2013, 3, 31, 1, tzinfo=UTC), datetime(1969, 7, 20, tzinfo=UTC), None, None],
        "paid": [True, False, None, True],
    },
    schema_overrides={"at": pl.Datetime("us", "UTC")},
)
SELECT = {
    "rate": "price / nights",
    "more": "nights + 9223372036854775807",
    "town": "upper(\"town ö\") || '!'",
    "short": 'length("town ö") < 6 AND paid',
    "hour": "hour(at AT TIME ZONE 'Europe/Paris')",
    "days": "date_diff('day', at, TIMESTAMPTZ '2013-12-31 00:00:00Z')",
    "case": "CASE WHEN paid THEN nights WHEN price > 100 THEN -1 ELSE 0 END",
}


def test_expressions_are_what_polars_makes_of_them() -> None:
    seen = made(SQLTransformer(SELECT), ROWS, ROWS)
    for name, sql in SELECT.items():
        assert seen[name].to_list() == ROWS.select(x=expression(sql, "a test", ROWS.schema))["x"].to_list(), (
            name
        )


def test_days_and_local_times_are_instants_and_spans_are_seconds() -> None:
    step = SQLTransformer({"day": "CAST(at AS DATE)", "span": "at - TIMESTAMPTZ '2013-03-31 00:00:00Z'"})
    seen = made(step, ROWS, ROWS)
    assert seen["day"].to_list()[:3] == [
        datetime(2013, 3, 31, tzinfo=UTC),
        datetime(1969, 7, 20, tzinfo=UTC),
        None,
    ]
    assert seen["span"].to_list()[0] == 3600.0


def test_only_columns_that_are_read_are_behind_an_output() -> None:
    p = Pipeline("stays")
    p[ROWS.columns] >>= SQLTransformer({"rate": "price / nights", "late": "hour(at) > 12"})
    assert p.fit(ROWS).lineage() == {"rate": ("price", "nights"), "late": ("at",)}


def test_texts_and_numbers_go_on_to_other_steps() -> None:
    p = Pipeline("stays")
    p["town ö"] >>= [
        SQLTransformer({"town": "coalesce(nullif(\"town ö\", ''), 'none')"}),
        OneHotLabelEncoder(),
    ]
    p["paid"] >>= [OrdinalEncoder(), SQLTransformer({"twice": "paid * 2"})]
    seen = p.fit(ROWS).transform(ROWS)
    assert seen["town=none"].to_list() == [0, 1, 1, 0]
    assert seen["twice"].to_list() == [2, 0, -2, 2]


def test_mistakes_point_at_their_place() -> None:
    with pytest.raises(DefinitionError, match="selects nothing"):
        SQLTransformer()
    with pytest.raises(DefinitionError, match="no function 'rounded'"):
        made(SQLTransformer({"x": "ROUNDED(price)"}), ROWS, ROWS)
    with pytest.raises(SchemaError, match="prise"):
        made(SQLTransformer({"x": "prise + 1"}), ROWS, ROWS)
    with pytest.raises(DataError, match="would be null"):
        made(SQLTransformer({"x": "NULL"}), ROWS, ROWS)
