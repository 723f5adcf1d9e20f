"""Profiles beside the offline store: stamped with their rows, replaced at once, made again when they cannot be read."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.features.batch_grain import HOURLY
from bighead.pipeline_lib.profiles import Profile, merge_profiles
from bighead.pipeline_lib.profiles.catch_up import profile_days, profile_partitions
from bighead.pipeline_lib.profiles.store import History
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.profile_store import FileProfileStore

STAYS = FeatureSet(
    name="stays",
    owner="team:homes",
    keys=["home"],
    source=EventSource(table="stays", event_time="at"),
    aggregations=[Aggregation("nights", "sum", windows=["7d"])],
)
FIRST = date(2024, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(6)]


def rows(day: date, nights: list[int | None]) -> pl.DataFrame:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    schema = {"home": pl.String, "event_time": pl.Datetime("us", "UTC")}
    schema |= {"available_at": pl.Datetime("us", "UTC"), "nights": pl.Int64}
    return pl.DataFrame([("h", at, at, each) for each in nights], schema=schema, orient="row")


@pytest.fixture
def store(tmp_path) -> DeltaOfflineStore:
    opened = DeltaOfflineStore(tmp_path)
    opened.write_days(
        "stays", DAYS, pl.concat([rows(day, [n, n + 1, None]) for n, day in enumerate(DAYS[:5])])
    )
    return opened


@pytest.fixture
def profiles(store) -> FileProfileStore:
    return FileProfileStore.beside(store.root)


def test_each_stored_day_is_profiled_once_and_an_empty_one_too(store, profiles):
    asked = [*DAYS, date(2024, 2, 1)]
    assert profile_days(STAYS, asked, store, profiles) == DAYS
    assert profile_days(STAYS, asked, store, profiles) == []
    history = History(profiles, "features", "stays")
    assert history.partitions == [day.isoformat() for day in DAYS]
    assert history.of("2024-01-06").rows == 0
    whole = Profile.of(store.scan("stays", *span(FIRST, 6)).collect())
    merged = history.merged(history.partitions)
    assert merged.rows == whole.rows == 15
    assert merged.columns["nights"].distinct == whole.columns["nights"].distinct
    assert merged.columns["nights"].moments.m2 == pytest.approx(whole.columns["nights"].moments.m2)
    assert [each.rows for each in history.before("2024-01-06", 2)] == [3, 3]
    assert set(history.between("2024-01-02", "2024-01-03")) == {"2024-01-02", "2024-01-03"}


def test_a_day_that_is_replaced_is_profiled_again_and_no_other(store, profiles):
    profile_days(STAYS, DAYS, store, profiles)
    store.write_days("stays", [DAYS[2]], rows(DAYS[2], [7]))
    assert profile_days(STAYS, DAYS, store, profiles) == [DAYS[2]]
    assert profiles.read("features", "stays", "2024-01-03").columns["nights"].maximum == 7


@pytest.mark.parametrize("broken", [b"", b"\xc1", b"\x80\x80", b"\x81\xa6format\x63\x01"])
def test_a_profile_that_cannot_be_read_is_made_again(store, profiles, broken):
    profile_days(STAYS, DAYS, store, profiles)
    file = profiles.root / "features" / "stays" / "2024-01-02.msgpack"
    file.write_bytes(broken)
    assert profiles.read("features", "stays", "2024-01-02") is None
    assert profile_days(STAYS, DAYS, store, profiles) == [DAYS[1]]
    assert profiles.read("features", "stays", "2024-01-02").rows == 3


def test_partitions_of_training_sets_have_profiles_of_their_own(store, profiles):
    frame = pl.DataFrame({"id": [1, 2], "stays_nights_sum_7d": [3.0, None]})
    store.write_partition("training_sets", "rental", "2024-01-01", frame)
    assert profile_partitions("training_sets", "rental", ["2024-01-01", "x"], store, profiles) == [
        "2024-01-01"
    ]
    read = profiles.read("training_sets", "rental", "2024-01-01")
    assert read == Profile.of(frame)


def test_notes_are_replaced_and_what_cannot_be_read_is_empty(profiles):
    assert profiles.noted("features", "stays", "schema") == {}
    profiles.note("features", "stays", "schema", {"tables": {"é": 1}})
    assert profiles.noted("features", "stays", "schema") == {"tables": {"é": 1}}
    (profiles.root / "features" / "stays" / "schema.json").write_text("[1")
    assert profiles.noted("features", "stays", "schema") == {}


@pytest.mark.parametrize("key", ["", "..", "../x", "a/b", ".hidden"])
def test_a_partition_cannot_name_a_file_elsewhere(profiles, key):
    with pytest.raises(DefinitionError):
        profiles.write("features", "stays", key, "s", Profile())


def write_for_ever(root, started):
    store = FileProfileStore(root)
    columns = pl.DataFrame({f"c{n}": range(2000) for n in range(40)})
    odd, even = Profile.of(columns), merge_profiles([Profile.of(columns)] * 2)
    for number in range(10**9):
        store.write("features", "stays", "2024-01-01", str(number), odd if number % 2 else even)
        started.set()


def test_a_writer_killed_at_any_moment_leaves_a_whole_profile(tmp_path):
    context = multiprocessing.get_context("spawn")
    for _ in range(2):
        started = context.Event()
        process = context.Process(target=write_for_ever, args=(tmp_path, started))
        process.start()
        assert started.wait(60)
        seen = {FileProfileStore(tmp_path).read("features", "stays", "2024-01-01").rows for _ in range(40)}
        process.kill()
        process.join()
        assert seen <= {2000, 4000}
        left = FileProfileStore(tmp_path)
        assert left.read("features", "stays", "2024-01-01").rows in (2000, 4000)
        assert list(left.stamps("features", "stays")) == ["2024-01-01"]


def span(first: date, days: int):
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return start, start + timedelta(days=days)


def hours_of(day: date) -> list[datetime]:
    return HOURLY.between(*span(day, 1))


def test_days_and_hours_stand_beside_each_other_after_a_change_of_grain(store, profiles):
    profile_days(STAYS, DAYS, store, profiles)
    hourly = replace(STAYS, batch="1h")
    for day in DAYS[4:]:
        # The fifth is cut, and the sixth written, in hours.
        written = hours_of(day)[12:14] if day == DAYS[4] else hours_of(day)
        store.write_days("stays", written, rows(day, [8, 9]))
        made = profile_days(hourly, written, store, profiles)
        assert [hour for hour in made if hour.date() == day] == hours_of(day), (
            "a day that is cut is cut whole"
        )
    history = History(profiles, "features", "stays")
    days = [day.isoformat() for day in DAYS]
    assert history.partitions == [
        *days[:4],
        *(HOURLY.key(hour) for day in DAYS[4:] for hour in hours_of(day)),
    ]
    truth = Profile.of(store.scan("stays", *span(FIRST, 6)).collect())
    assert history.merged(history.partitions).rows == truth.rows
    assert list(history.between()) == days
    assert sum(each.rows for each in history.between().values()) == truth.rows
    assert list(history.between(days[4])) == history.partitions[4:], "hours alone stay hours"
    at_noon = HOURLY.key(hours_of(DAYS[5])[12])
    assert [each.rows for each in history.before(at_noon, 3)] == [0, 0, 0]
    told = [store.scan("stays", *span(day, 1)).collect().height for day in DAYS[3:]]
    assert [each.rows for each in history.before("2024-01-07", 3)] == told
    assert history.of(days[5]).rows == told[2]
    # And back: the day takes the place of its hours.
    store.write_days("stays", [DAYS[4]], rows(DAYS[4], [1]))
    assert profile_days(STAYS, [DAYS[4]], store, profiles) == [DAYS[4]]
    history = History(profiles, "features", "stays")
    assert history.partitions[4:6] == [days[4], HOURLY.key(hours_of(DAYS[5])[0])]
    assert history.of(days[4]).rows == 1


@pytest.mark.parametrize(("count", "kept"), [(3, "day"), (24, "hours")])
def test_until_all_hours_of_a_day_are_profiled_the_day_counts(store, profiles, count, kept):
    profiles.write("features", "stays", "2024-01-01", "s", Profile.of(rows(FIRST, [1])))
    hours = [HOURLY.key(hour) for hour in hours_of(FIRST)][:count]
    for key in hours:
        profiles.write("features", "stays", key, "s", Profile.of(rows(FIRST, [2])))
    history = History(profiles, "features", "stays")
    assert history.partitions == (["2024-01-01"] if kept == "day" else hours)
