"""Plans, commits and queries of sets whose partitions are hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hourly_clicks import HOUR, MINUTE, D, Tables, clicks, frame_of

from bighead.pipeline_lib.errors import DataError, StaleRowsError
from bighead.pipeline_lib.features import EventSource
from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY
from bighead.pipeline_lib.features.catalog import Catalog
from bighead.pipeline_lib.planning import plan_project
from bighead.pipeline_lib.point_in_time import (
    StoreRows,
    backfill,
)
from bighead.pipeline_lib.point_in_time.spans import chunks
from bighead.pipeline_lib.point_in_time.staging import bound_query
from bighead.pipeline_lib.project import Project
from bighead.resources.offline_store import DeltaOfflineStore


def test_a_plan_counts_hours_to_now_and_a_backfill_goes_on_where_it_was_ended(tmp_path):
    made, store = clicks("1h"), DeltaOfflineStore(tmp_path)
    tables = Tables(clicks=frame_of([("ann", m, 0, 1) for m in range(0, 2000, 9)]))
    project = Project("p", tmp_path, Catalog([made], []), {})
    now = D + 30 * HOUR + 20 * MINUTE
    told = plan_project(project, store, now, None, (), tables)
    assert told.hours == 30
    assert "30 hours to compute, nobody knows how long" in str(told)
    commits = []

    class Ended(Exception):
        pass

    def tell(done):
        commits.append(done)
        if len(commits) == 2:
            raise Ended

    with pytest.raises(Ended):
        backfill(made, HOURLY.whole(D, now), tables, store, tell=tell, rows_a_commit=40)
    assert 0 < commits[0].days < commits[1].days < 30
    left = plan_project(project, store, now, None, (), tables)
    assert left.hours == 30 - commits[-1].days
    assert left.seconds is not None
    assert left.to_plain()["feature_sets"]["clicks"]["first"] == HOURLY.key(D + commits[-1].days * HOUR)
    backfill(made, HOURLY.whole(D, now), tables, store)
    assert "nothing to compute" in str(plan_project(project, store, now, None, (), tables))
    with pytest.raises(DataError, match="lacks 1 hours, 2013-11-02-06:00 to 2013-11-02-06:00"):
        StoreRows(store).require(made, D, D + 31 * HOUR)
    changed = replace(made, version=2)
    with pytest.raises(
        StaleRowsError, match="30 hours of features/clicks, 2013-11-01-00:00 to 2013-11-02-05:00"
    ):
        StoreRows(store).require(changed, D, D + 30 * HOUR)


def test_commits_are_of_many_hours_and_never_of_too_many_files():
    made = clicks("1h")
    year = HOURLY.between(D, D + timedelta(days=365))
    tables = Tables(clicks=frame_of([("ann", m, 0, 1) for m in range(0, 4000, 9)]))
    sizes = [len(each) for each in chunks(made, year, tables, 1_000_000)]
    assert sum(sizes) == 8760
    assert max(sizes) == 366
    asked = EventSource(
        query="SELECT * FROM clicks", dependencies=["clicks"], event_time="ts", start_date="2013-11-01"
    )
    assert max(len(each) for each in chunks(replace(made, source=asked), year, tables, 1_000_000)) == 366
    days = DAILY.between(D, D + timedelta(days=365))
    assert (
        max(len(each) for each in chunks(replace(clicks("1d"), source=asked), days, tables, 1_000_000)) == 31
    )


def test_a_query_is_bound_to_whole_days_or_to_the_hour(tmp_path):
    sql = "SELECT * FROM clicks WHERE strftime(ts, '%Y-%m-%d') BETWEEN '{{start_date}}' AND '{{end_date}}'"
    exact = "SELECT * FROM clicks WHERE ts >= TIMESTAMP '{{start_time}}' AND ts < TIMESTAMP '{{end_time}}'"
    source = EventSource(
        query=sql,
        dependencies=["clicks"],
        event_time="ts",
        event_id="id",
        start_date="2013-11-01",
        lateness="0s",
    )
    start, end = D + 13 * HOUR, D + 15 * HOUR
    told = bound_query(replace(source, query="{{start_date}} {{latest_date}} {{end_date}}"), "q", start, end)
    assert told == "2013-11-01 2013-11-01 2013-11-02"
    told = bound_query(replace(source, query="{{start_time}}, {{end_time}}"), "q", start, end)
    assert told == "2013-11-01 13:00:00, 2013-11-01 15:00:00"
    tables = Tables(clicks=frame_of([("ann", m, 0, 1) for m in range(0, 1440, 7)]).drop("heard"))
    hours = HOURLY.between(D, D + 24 * HOUR)
    counts = []
    for number, query in enumerate((sql, exact)):
        made = replace(clicks("1h"), source=replace(source, query=query))
        counts.append(backfill(made, hours, tables, DeltaOfflineStore(tmp_path / str(number))))
    assert counts[0] == counts[1]
    assert sum(counts[0].values()) == 206
