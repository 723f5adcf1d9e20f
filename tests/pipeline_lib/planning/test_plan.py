"""A plan says what changed, which days that asks for, who depends on them, and what that will take."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.features.catalog import Catalog
from bighead.pipeline_lib.features.row_definition import training_rows_hash
from bighead.pipeline_lib.planning import SetPlan, days_until, plan_project
from bighead.pipeline_lib.point_in_time import backfill
from bighead.pipeline_lib.project import Project
from bighead.resources.offline_store import DeltaOfflineStore

NOW = datetime(2013, 3, 11, 17, 30, tzinfo=UTC)
DAYS = [date(2013, 3, 1) + timedelta(days=n) for n in range(10)]
SOURCE = EventSource(table="stays", event_time="ts", start_date="2013-03-01")
STAYS = FeatureSet(
    name="stays",
    owner="t",
    keys=["home"],
    source=SOURCE,
    aggregations=[Aggregation("nights", "sum", ["1d"])],
)
HOUR = FeatureSet(name="hour", owner="t", keys=[], source=CalendarSource("UTC", fields=["hour"]))


class Tables(dict[str, pl.DataFrame]):
    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return ""


@dataclass
class Generation:
    midnight: int


class Online:
    """Definitions with generations, as the online store tells of them."""

    def __init__(self, *uploaded: tuple[FeatureSet, datetime]) -> None:
        self.uploaded = uploaded

    def definitions(self) -> dict[str, FeatureSet]:
        return {each.hash: each for each, _ in self.uploaded}

    def generations(self, feature_set: FeatureSet) -> list[Generation]:
        found = [at for each, at in self.uploaded if each.hash == feature_set.hash]
        return [Generation(int(at.timestamp()) * 1_000_000) for at in found]


def asking(feature_set: FeatureSet, left: str = "views") -> TrainingSet:
    return TrainingSet(
        name="views",
        left=LeftTable(left, known={"home": "0s", "guests": "0s"}),
        timestamp="t",
        row_id="row",
        features=[feature_set, HOUR],
        label=Label("booked", "1d"),
    )


def project(feature_set: FeatureSet = STAYS, left: str = "views") -> Project:
    catalog = Catalog([feature_set, HOUR], [asking(feature_set, left)])
    return Project("homes", Path(), catalog, {})


def with_columns(*columns: str) -> FeatureSet:
    return replace(STAYS, aggregations=[Aggregation(column, "sum", ["1d"]) for column in columns])


@pytest.fixture
def store(tmp_path):
    return DeltaOfflineStore(tmp_path)


@pytest.fixture
def tables():
    times = [datetime(day.year, day.month, day.day, n, tzinfo=UTC) for day in DAYS for n in range(4)]
    frame = {"home": ["a", "b"] * 20, "ts": times, "nights": [1] * 40, "guests": [2] * 40}
    return Tables(stays=pl.DataFrame(frame).cast({"ts": pl.Datetime("us", "UTC")}))


def planned(feature_set: FeatureSet, store: DeltaOfflineStore, online: Online | None = None) -> SetPlan:
    [made] = plan_project(project(feature_set), store, NOW, online).sets
    return made


def test_a_new_set_asks_for_all_its_whole_days_and_nobody_knows_the_cost(store):
    made = planned(STAYS, store)
    assert (made.status, made.days, made.missing, made.stale) == ("new", tuple(DAYS), tuple(DAYS), ())
    assert (made.rows, made.seconds, made.training_sets) == (None, None, ("views",))
    told = str(plan_project(project(), store, NOW))
    assert "10 days to compute, 2013-03-01 to 2013-03-10 (10 missing, 0 stale): unknown rows" in told
    assert "used by training set views" in told


def test_what_is_stored_as_it_is_defined_asks_for_nothing(tables, store):
    backfill(STAYS, DAYS, tables, store)
    for same in (
        STAYS,
        replace(STAYS, aggregations=[*STAYS.aggregations, Aggregation("nights", "max", ["2d"])]),
    ):
        made = planned(same, store)
        assert (made.status, made.days, made.changes, made.added) == ("unchanged", (), (), ())
    assert str(plan_project(project(), store, NOW)).splitlines()[-1] == "nothing to compute"


def test_the_cost_is_that_of_the_days_computed_before(tables, store):
    backfill(STAYS, DAYS[:4], tables, store)
    made = planned(STAYS, store)
    assert (made.status, made.missing, made.rows) == ("unchanged", tuple(DAYS[4:]), 24)
    assert made.seconds == pytest.approx(store.spent("stays").seconds / 4 * 6)


def test_an_added_column_makes_the_days_without_it_stale(tables, store):
    backfill(with_columns("nights", "guests"), DAYS[:3], tables, store)
    backfill(STAYS, DAYS[3:], tables, store)
    made = planned(with_columns("nights", "guests"), store)
    assert (made.status, made.added, made.stale) == ("columns added", ("guests",), tuple(DAYS[3:]))
    assert (made.changes, made.missing) == ((), ())


def test_a_changed_meaning_is_told_field_by_field(tables, store):
    backfill(STAYS, DAYS, tables, store)
    now = replace(STAYS, source=replace(SOURCE, where="nights > 1", delay="1h"), keys=["home", "guests"])
    made = planned(now, store)
    assert (made.status, made.stale) == ("meaning changed", tuple(DAYS))
    assert [(c.field, c.stored, c.now) for c in made.changes] == [
        ("keys", '["home"]', '["home", "guests"]'),
        ("source.delay", "", '"1h"'),
        ("source.where", "", '"nights > 1"'),
    ]
    told = str(plan_project(project(replace(now, keys=["home"])), store, NOW))
    assert 'meaning changed: source.delay was –, is "1h"; source.where was –, is "nights > 1"' in told


def test_days_without_a_record_are_unknown_and_told(tables, store):
    rows = tables["stays"].rename({"ts": "event_time"}).with_columns(available_at="event_time").drop("guests")
    store.write_days("stays", DAYS, rows)
    made = planned(STAYS, store)
    assert (made.status, made.unknown, made.days) == ("unknown definition", 10, ())
    assert "10 days do not say what they were computed from: --force" in str(
        plan_project(project(), store, NOW)
    )
    wider = planned(with_columns("nights", "guests"), store)
    assert (wider.status, wider.added, wider.stale) == ("columns added", ("guests",), tuple(DAYS))


def test_generations_of_another_definition_and_of_days_to_compute_are_named(tables, store):
    backfill(STAYS, DAYS[:5], tables, store)
    old = replace(STAYS, boundary="inclusive")
    at = datetime(2013, 3, 8, tzinfo=UTC)
    made = planned(STAYS, store, Online((old, at), (STAYS, at)))
    assert made.online == (
        f"the generation of 2013-03-08T00:00:00+00:00 is of another definition, {old.hash[:12]}",
        "the generation of 2013-03-08T00:00:00+00:00 reaches 2 of the days to compute",
    )
    backfill(STAYS, DAYS, tables, store)
    assert planned(STAYS, store, Online((STAYS, at))).online == ()


@pytest.mark.parametrize(("boundary", "left", "warned"), [
    ("inclusive", "stays", 1), ("exclusive", "stays", 0), ("inclusive", "views", 0),
])  # fmt: skip
def test_a_question_that_would_see_its_own_row_is_warned_of(boundary, left, warned, store):
    plan = plan_project(project(replace(STAYS, boundary=boundary), left), store, NOW)
    assert len(plan.warnings) == warned
    assert all("a question sees its own row" in each for each in plan.warnings)


def test_training_weeks_of_another_definition_are_named_even_where_no_day_is_to_be_computed(tables, store):
    backfill(STAYS, DAYS, tables, store)
    built = training_rows_hash(asking(STAYS))
    for week in ("2013-03-04", "2013-03-11"):
        store.write_partition("training_sets", "views", week, pl.DataFrame({"row": [1]}), built)
    assert plan_project(project(), store, NOW).stale_weeks == {}
    longer = replace(STAYS, aggregations=[Aggregation("nights", "sum", ["2d"])], docs={"nights": "how many"})
    plan = plan_project(project(longer), store, NOW)
    assert (plan.days, plan.stale_weeks) == (0, {"views": ("2013-03-04", "2013-03-11")})
    assert "training set views: 2 weeks, 2013-03-04 to 2013-03-11, are of another definition" in str(plan)
    assert plan.to_plain()["stale_training_weeks"] == {"views": ["2013-03-04", "2013-03-11"]}


def test_a_plan_is_plain_json(tables, store):
    backfill(STAYS, DAYS[:4], tables, store)
    found = json.loads(json.dumps(plan_project(project(), store, NOW).to_plain()))
    assert (found["project"], found["days"], found["warnings"]) == ("homes", 6, [])
    stays = found["feature_sets"]["stays"]
    assert (stays["days"], stays["first"], stays["last"]) == (6, "2013-03-05", "2013-03-10")
    assert (stays["missing"], stays["stale"], stays["rows"]) == (6, 0, 24)


def test_names_choose_and_a_wrong_one_is_answered(store):
    assert [each.name for each in plan_project(project(), store, NOW, names=["stays"]).sets] == ["stays"]
    with pytest.raises(UnknownNameError, match="Did you mean 'stays'"):
        plan_project(project(), store, NOW, names=["stay"])


def test_a_project_without_a_first_day_says_the_cure():
    timeless = replace(STAYS, source=replace(SOURCE, start_date=None))
    with pytest.raises(DefinitionError, match="when its history starts"):
        days_until(timeless, project(timeless), NOW)
    assert days_until(HOUR, project(timeless), NOW) == []
