from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import EventSource
from bighead.pipeline_lib.point_in_time.staging import bound_query, run_query

STAYS = pl.LazyFrame({"k": ["a", "a", "b"], "ds": ["2013-03-01", "2013-03-02", "2013-03-02"], "x": [1, 2, 3]})


def query(sql: str, **more) -> EventSource:
    return EventSource(query=sql, dependencies=["stays"], **more)


@pytest.mark.parametrize(
    ("start", "end", "bound"),
    [
        (datetime(2013, 3, 1, tzinfo=UTC), datetime(2013, 3, 3, tzinfo=UTC), "2013-03-01 2013-03-02 2013-03-05"),
        (datetime(2013, 3, 1, 5, tzinfo=UTC), datetime(2013, 3, 3, 5, tzinfo=UTC), "2013-03-01 2013-03-03 2013-03-06"),
        (None, datetime(2013, 3, 3, tzinfo=UTC), "2013-02-15 2013-03-02 2013-03-05"),
        (datetime(2013, 1, 1, tzinfo=UTC), None, "2013-02-15 9999-12-29 9999-12-30"),
        (datetime(2013, 1, 1, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC), "2013-02-15 9999-12-28 9999-12-30"),
    ],
)  # fmt: skip
def test_days_are_bound(start, end, bound):
    source = query("{{start_date}} {{ latest_date }} {{end_date}}", start_date="2013-02-15", lateness="2d")
    assert bound_query(source, "'q'", start, end) == bound


def test_a_name_that_is_not_bound_is_refused_with_the_nearest():
    with pytest.raises(DefinitionError, match="binds 'start_dat'") as error:
        bound_query(query("{{start_dat}}"), "'q'", None, None)
    assert "start_date" in error.value.cure


def test_windows_and_common_table_expressions_run():
    sql = """WITH ranked AS (SELECT *, row_number() OVER (PARTITION BY k ORDER BY ds DESC) AS n FROM stays)
             SELECT k, x FROM ranked WHERE n = 1 ORDER BY k"""
    assert run_query(sql, {"stays": STAYS}, "'q'").rows() == [("a", 2), ("b", 3)]


def test_sums_and_decimals_come_as_64_bit_numbers():
    found = run_query("SELECT sum(x) AS s, 1.5 AS d, count(*) AS n FROM stays", {"stays": STAYS}, "'q'")
    assert found.schema == {"s": pl.Int64, "d": pl.Float64, "n": pl.Int64}
    assert found.row(0) == (6, 1.5, 3)


def test_text_is_read_as_utc_wherever_the_machine_stands(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    found = run_query("SELECT '2013-03-01 05:00:00'::timestamptz AS t", {}, "'q'")
    assert found["t"].dt.epoch("us").item() == 1_362_114_000_000_000


@pytest.mark.parametrize("name", ["core.stays", "data/stays", "stays", 'odd"name'])
def test_tables_are_found_by_their_names(name):
    quoted = name if name in ("core.stays", "stays") else '"' + name.replace('"', '""') + '"'
    assert run_query(f"SELECT count(*) AS n FROM {quoted}", {name: STAYS}, "'q'").item() == 3


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT nope FROM stays", "nope"),
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM stayz", "stayz"),
        ("SELECT 9000000000000000000::hugeint * 9 AS x", "does not fit"),
    ],
)
def test_a_query_that_does_not_run_says_why(sql, words):
    with pytest.raises(DefinitionError, match=words):
        run_query(sql, {"stays": STAYS}, "'q'")
