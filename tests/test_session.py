"""The session: previews and training sets on a laptop, from backfilled days or the source, never mixed."""

from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from bighead.pipeline_lib.clock import ReplayClock
from bighead.pipeline_lib.errors import DataError, DefinitionError, EventTimeError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    ChainedSource,
    EntitySource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.point_in_time import backfill
from bighead.pipeline_lib.ports import bind, current_session
from bighead.session import Session, instant

T0 = datetime(2013, 3, 10, tzinfo=UTC)
STAYS = FeatureSet(
    name="stays",
    owner="t",
    keys=["home"],
    source=EventSource(table="stays", event_time="ts", start_date="2013-03-01"),
    aggregations=[Aggregation("nights", "sum", ["1d", "7d"])],
)
HOMES = FeatureSet(name="homes", owner="t", keys=["home"], source=EntitySource("homes"), columns=["beds"])
NOW = FeatureSet(name="now", owner="t", keys=[], source=CalendarSource("UTC", fields=["hour"]))
VIEWS = TrainingSet(
    name="views",
    left=LeftTable("views", known={"home": "-1d"}),
    timestamp="t",
    row_id="row",
    features=[STAYS, HOMES, NOW],
    label=Label("booked", "1d"),
)


@pytest.fixture
def session(settings):
    settings.warehouse.mkdir(parents=True)
    stays = {
        "home": ["a", "b"] * 9,
        "ts": [T0 - timedelta(days=9 - n // 2) for n in range(18)],
        "nights": [*range(18)],
    }
    pl.DataFrame(stays).write_parquet(settings.warehouse / "stays.parquet")
    homes = {"ds": ["2013-03-01", "2013-03-01"], "home": ["a", "b"], "beds": [1, 2]}
    pl.DataFrame(homes).write_parquet(settings.warehouse / "homes.parquet")
    views = {
        "row": [1, 2, 3],
        "home": ["b", "a", "b"],
        "t": [T0, T0 + timedelta(hours=5), T0 - timedelta(days=2)],
    }
    pl.DataFrame(views | {"booked": [0, 1, 0]}).write_parquet(settings.warehouse / "views.parquet")
    with Session(settings, clock=ReplayClock(T0)) as opened:
        yield opened


def test_a_preview_shows_every_key_in_reach_as_of_now_or_then(session):
    now = STAYS.preview()
    assert now.columns == ["home", "stays_nights_sum_1d", "stays_nights_sum_7d"]
    assert now.rows() == [("a", 16, sum(range(4, 18, 2))), ("b", 17, sum(range(5, 18, 2)))]
    then = STAYS.preview(at="2013-03-02T00:00:01Z", keys=pl.DataFrame({"home": ["b", "z"]}))
    assert then.rows() == [("b", 4, 4), ("z", None, None)]
    assert HOMES.preview(at=T0).rows() == [("a", 1), ("b", 2)]
    assert NOW.preview(at="2013-03-10T07:30").rows() == [(7,)]


def test_collect_reads_the_questions_of_the_span_in_order(session):
    frame = VIEWS.collect("2013-03-09", "2013-03-11")
    assert frame["row"].to_list() == [1, 2]
    assert frame["homes_beds"].to_list() == [2, 1]
    assert frame["now_hour"].to_list() == [0, 5]
    with pytest.raises(DataError, match="no questions"):
        VIEWS.collect("2014-01-01", "2014-02-01")


def test_backfilled_days_are_read_only_where_none_lacks(session, caplog):
    caplog.set_level(logging.INFO)
    direct = VIEWS.collect("2013-03-08", "2013-03-11")
    assert session.used["stays"] == "source (10 days from 2013-03-01 on are not backfilled)"
    assert "stays is read from its source" in caplog.text
    days = [date(2013, 3, 1) + timedelta(days=n) for n in range(10)]
    backfill(STAYS, days[:-1], session.tables, session.store)
    backfill(HOMES, days, session.tables, session.store)
    assert VIEWS.collect("2013-03-08", "2013-03-11").equals(direct)
    assert session.used["stays"] == "source (1 days from 2013-03-10 on are not backfilled)"
    backfill(STAYS, days[-1:], session.tables, session.store)
    (session.settings.warehouse / "stays.parquet").unlink()
    assert VIEWS.collect("2013-03-08", "2013-03-11").equals(direct)
    assert session.used == {"stays": "offline store", "homes": "offline store", "now": "calendar"}


def test_a_trace_names_the_rows(session):
    made = STAYS.trace("nights_sum_1d", {"home": "a"}, at=T0)
    assert made["nights"].to_list() == [16]


def test_personal_values_are_masked_in_previews_and_traces_and_in_what_is_made_of_them(session):
    made = [Aggregation("nights", "sum", ["7d"]), Aggregation("nights", "count", ["7d"])]
    personal = replace(STAYS, aggregations=made, derivations={"twice": "nights_sum_7d * 2"}, pii=["nights"])
    [first, *_] = session.preview(personal, at=T0).sort("home").to_dicts()
    told = {name: first[f"stays_{name}"] for name in ("nights_sum_7d", "nights_count_7d", "twice")}
    assert told == {"nights_sum_7d": "***", "nights_count_7d": 7, "twice": "***"}
    rows = session.trace(personal, "stays_nights_sum_7d", {"home": "a"}, T0)
    assert rows["nights"].to_list() == ["***"] * rows.height
    assert rows.height > 0


def test_personal_values_are_masked_in_sets_that_are_built_on_them(session):
    stays = replace(STAYS, pii=["nights"])
    asked = {"ts": [T0 - timedelta(days=1)] * 2, "guest": ["g", "h"], "at_home": ["a", "b"]}
    pl.DataFrame(asked).write_parquet(session.settings.warehouse / "asked.parquet")
    guests = FeatureSet(
        name="guests",
        owner="t",
        keys=["guest"],
        source=ChainedSource(
            EventSource("asked", event_time="ts", start_date="2013-03-01"),
            [stays.on(home="at_home")],
            {"half": "stays_nights_sum_7d / 2"},
        ),
        aggregations=[Aggregation("half", "max", ["7d"]), Aggregation("half", "count", ["7d"])],
    )
    [first, _] = session.preview(guests, at=T0).sort("guest").to_dicts()
    assert first == {"guest": "g", "guests_half_max_7d": "***", "guests_half_count_7d": 1}
    rows = session.trace(guests, "guests_half_max_7d", {"guest": "g"}, T0)
    assert rows["half"].to_list() == ["***"]


def test_what_the_session_refuses(session):
    with pytest.raises(DefinitionError, match="'yesterday' is no time"):
        STAYS.preview(at="yesterday")
    with pytest.raises(EventTimeError, match="naive"):
        instant(datetime(2013, 1, 1))


def test_a_session_ends_with_its_block(settings):
    with Session(settings) as opened:
        assert current_session() is opened
    assert current_session() is not opened
    bind(None)


def test_import_bighead_binds_a_session():
    code = "import bighead.pipeline_lib.ports as ports; print(type(ports.current_session()).__name__)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stdout.strip() == "Session", ended.stderr
