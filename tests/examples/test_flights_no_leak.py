"""No leak on the real flights, neither through events nor through the row.

Every windowed feature is asked at real questions. What happens inside its window must count, and nothing that
happens, vanishes or changes at or after the question may move it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from flights import data
from flights.training_set import flights

from bighead.pipeline_lib.errors import BigheadError, LeakError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, LeftTable
from bighead.pipeline_lib.features.window import Window
from bighead.pipeline_lib.point_in_time import SourceRows, build_training_set, clean, values_at
from bighead.resources.sources import Warehouse

QUESTIONS_A_SET = 40
LOOK_BACK = timedelta(days=32)
LOOK_AHEAD = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)

EVENT_SETS = [each for each in flights.feature_sets if isinstance(each.source, EventSource)]
over_sets = pytest.mark.parametrize("feature_set", EVENT_SETS, ids=lambda each: each.name)


@pytest.fixture(scope="module")
def asked(warehouse: Path) -> pl.DataFrame:
    """A few questions from all over the year, after the longest window has filled."""
    everything = pl.read_parquet(warehouse / "questions.parquet")
    settled = everything.filter(pl.col("asked_at") > everything["asked_at"].min() + LOOK_BACK)
    return settled.sample(QUESTIONS_A_SET, seed=7)


@pytest.fixture(scope="module")
def cleaned(warehouse: Path) -> dict[str, pl.DataFrame]:
    tables = Warehouse(warehouse)
    return {each.name: clean(tables.scan(each.source.tables[0]), each) for each in EVENT_SETS}


def neighbours(rows: pl.DataFrame, question: pl.DataFrame, feature_set: FeatureSet) -> pl.DataFrame:
    """The rows of the question's entity around its time: all that can matter, so that a case stays quick."""
    near = pl.col("event_time").is_between(at(question) - LOOK_BACK, at(question) + LOOK_AHEAD)
    return rows.filter(near).join(question, on=list(feature_set.keys), how="semi", maintain_order="left")


def at(question: pl.DataFrame):  # type: ignore[no-untyped-def]
    return question["asked_at"].item()


def known_before(question: pl.DataFrame) -> pl.Expr:
    return pl.max_horizontal("event_time", "available_at") < at(question)


def ask(question: pl.DataFrame, feature_set: FeatureSet, rows: pl.DataFrame) -> dict[str, object]:
    values, _ = values_at(question, feature_set.on(), rows, "asked_at")
    return values.row(0, named=True)


def counting(feature_set: FeatureSet) -> FeatureSet:
    """The same source, keys and windows, counting what each feature sees."""
    windows: dict[str, list[Window]] = {}
    for feature in feature_set.features:
        seen = windows.setdefault(feature.column, [])
        if feature.window is not None and feature.window not in seen:
            seen.append(feature.window)
    counts = [Aggregation(column, "count", spans) for column, spans in windows.items()]
    return replace(feature_set, aggregations=counts)


def inside(rows: pl.DataFrame, question: pl.DataFrame, column: str, window: Window) -> pl.DataFrame:
    """The rows that a feature over `column` in `window` may see, by the definition's own words."""
    start = window.start(int(question["asked_at"].dt.epoch("us").item()))
    seen = rows.filter(known_before(question) & pl.col(column).is_not_null())
    return seen if start is None else seen.filter(pl.col("event_time").dt.epoch("us") >= start)


def without(rows: pl.DataFrame, event_id: str) -> pl.DataFrame:
    return rows.filter(pl.col("event_id") != event_id)


@over_sets
def test_every_event_inside_the_window_counts(
    feature_set: FeatureSet, asked: pl.DataFrame, cleaned: dict[str, pl.DataFrame]
) -> None:
    counter = counting(feature_set)
    dropped: dict[str, int] = {}
    for question in asked.iter_slices(1):
        rows = neighbours(cleaned[feature_set.name], question, feature_set)
        before = ask(question, counter, rows)
        for feature in counter.features:
            assert feature.window is not None
            visible = inside(rows, question, feature.column, feature.window)
            assert before[feature.name] == visible.height, feature.name
            for event_id in first_and_last(visible):
                after = ask(question, counter, without(rows, event_id))
                assert after[feature.name] == visible.height - 1, feature.name
                dropped[feature.name] = dropped.get(feature.name, 0) + 1
    assert set(dropped) == {feature.name for feature in counter.features}


def first_and_last(rows: pl.DataFrame) -> Sequence[str]:
    ordered = rows.sort("event_time", "event_id")["event_id"]
    return list(dict.fromkeys([*ordered.head(1), *ordered.tail(1)]))


@over_sets
@pytest.mark.parametrize("change", ["dropped", "altered", "added"])
def test_nothing_at_or_after_the_question_changes_anything(
    change: str, feature_set: FeatureSet, asked: pl.DataFrame, cleaned: dict[str, pl.DataFrame]
) -> None:
    touched = 0
    for question in asked.iter_slices(1):
        rows = neighbours(cleaned[feature_set.name], question, feature_set)
        later = rows.filter(~known_before(question))
        if change == "added":
            later = pl.concat([invented(rows, question), later])
        touched += later.height
        changed = {"dropped": later.clear(), "altered": shaken(later, feature_set), "added": later}[change]
        other = pl.concat([rows.filter(known_before(question)), changed])
        assert ask(question, feature_set, other) == ask(question, feature_set, rows)
    assert touched > 0


def shaken(rows: pl.DataFrame, feature_set: FeatureSet) -> pl.DataFrame:
    return rows.with_columns(pl.col(column) * 3 + 1_000 for column in feature_set.inputs)


def invented(rows: pl.DataFrame, question: pl.DataFrame) -> pl.DataFrame:
    """Extreme events that happen at the question's very microsecond, later, or before but known only then."""
    template = rows.head(1).with_columns(pl.selectors.float() * 0 + 9_999)
    times = [
        (at(question), at(question)),
        (at(question) + timedelta(hours=1), at(question) + timedelta(hours=1)),
        (at(question) - timedelta(minutes=30), at(question)),
    ]
    return pl.concat(
        template.with_columns(
            pl.lit(happened).cast(rows.schema["event_time"]).alias("event_time"),
            pl.lit(known).cast(rows.schema["available_at"]).alias("available_at"),
            pl.lit(f"invented-{number}").alias("event_id"),
        )
        for number, (happened, known) in enumerate(times)
    )


@over_sets
def test_one_microsecond_earlier_is_seen(
    feature_set: FeatureSet, asked: pl.DataFrame, cleaned: dict[str, pl.DataFrame]
) -> None:
    """The opposite of the test above: it would catch a join that sees nothing at all."""
    for question in asked.head(3).iter_slices(1):
        rows = neighbours(cleaned[feature_set.name], question, feature_set)
        moment = pl.lit(at(question) - MICROSECOND)
        just_before = (
            invented(rows, question)
            .head(1)
            .with_columns(
                moment.cast(rows.schema["event_time"]).alias("event_time"),
                moment.cast(rows.schema["available_at"]).alias("available_at"),
            )
        )
        was = ask(question, feature_set, rows)
        now = ask(question, feature_set, pl.concat([rows, just_before]))
        assert [name for name in now if now[name] == was[name]] == []


def test_every_left_column_says_when_it_is_known() -> None:
    read = dict.fromkeys([*flights.inputs, *flights.key_columns])
    assert set(flights.left.known) == set(read)
    for column in read:
        kept = {name: when for name, when in flights.left.known.items() if name != column}
        with pytest.raises(LeakError, match=column):
            replace(flights, left=LeftTable(flights.left.table, known=kept))
        with pytest.raises(LeakError, match=column):
            LeftTable(flights.left.table, known={**kept, column: "1h"})


def test_the_outcome_is_not_an_input(warehouse: Path) -> None:
    asked = pl.read_parquet(warehouse / "questions.parquet")
    outcome = {"late", "label_known_at", "sched_arr"}
    assert outcome <= set(asked.columns)
    assert not outcome & set(flights.input_columns)
    with pytest.raises(LeakError, match="late"):
        replace(flights, inputs=[*flights.inputs, "late"])


def test_a_missing_tail_number_gives_the_cancellation_away(
    warehouse: Path, raw_flights: pl.DataFrame
) -> None:
    everyone = data.questions(raw_flights, without_tailnum=True)
    nameless = everyone.filter(pl.col("tailnum").is_null())
    assert nameless["late"].to_list() == [1] * 2_512
    ordinary = data.questions(raw_flights).gather_every(40)
    build_training_set(flights, ordinary, SourceRows(Warehouse(warehouse)))
    with pytest.raises(BigheadError, match="tailnum"):
        build_training_set(flights, pl.concat([ordinary, nameless]), SourceRows(Warehouse(warehouse)))
