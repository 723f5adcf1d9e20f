"""The tables say what happened and when: checked against columns of the data that their making never read."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from flights import data
from flights.timetable import ZONES_BY_HAND, with_instants

FLIGHTS, NO_TAILNUM, NO_ARRIVAL, NO_DEPARTURE = 336_776, 2_512, 9_430, 8_255


@pytest.fixture(scope="module")
def tables(warehouse: Path) -> dict[str, pl.DataFrame]:
    return {name: pl.read_parquet(warehouse / f"{name}.parquet") for name in data.TABLES}


def _clock(instant: str, zone: str) -> pl.Expr:
    local = pl.col(instant).dt.convert_time_zone(zone)
    return local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute()


def _printed(clock: str) -> pl.Expr:
    return (pl.col(clock) // 100 * 60 + pl.col(clock) % 100) % 1440


def test_every_flight_is_asked_about_but_those_whose_null_tailnum_tells_that_they_were_cancelled(
    tables: dict[str, pl.DataFrame], raw_flights: pl.DataFrame
) -> None:
    nameless = raw_flights.filter(pl.col("tailnum").is_null())
    assert (raw_flights.height, nameless.height) == (FLIGHTS, NO_TAILNUM)
    assert nameless.filter(pl.col("dep_time").is_not_null() | pl.col("arr_delay").is_not_null()).is_empty()
    assert tables["questions"].height == FLIGHTS - NO_TAILNUM
    assert data.questions(raw_flights, without_tailnum=True).height == FLIGHTS


def test_an_event_id_names_one_flight(raw_flights: pl.DataFrame) -> None:
    assert raw_flights["event_id"].n_unique() == FLIGHTS
    assert raw_flights["event_id"].str.contains(r"^2013-\d\d-\d\d-\w\w-\d+-(EWR|JFK|LGA)-\d{4}$").all()


def test_cancelled_and_diverted_flights_bring_no_arrival(
    tables: dict[str, pl.DataFrame], raw_flights: pl.DataFrame
) -> None:
    assert tables["arrivals"].height == FLIGHTS - NO_ARRIVAL
    assert tables["departures"].height == FLIGHTS - NO_DEPARTURE
    gone = raw_flights.filter(pl.col("arr_delay").is_null())
    assert tables["arrivals"].join(gone, on="event_id", how="semi").is_empty()


def test_the_label_is_late_cancelled_or_diverted(
    tables: dict[str, pl.DataFrame], raw_flights: pl.DataFrame
) -> None:
    asked = tables["questions"].join(raw_flights.select("event_id", "arr_delay"), on="event_id")
    late = asked.filter(pl.col("late") == 1)
    assert (asked.filter(pl.col("late") == 0)["arr_delay"] <= 15).all()
    assert late.filter(pl.col("arr_delay") <= 15).is_empty()
    assert late["arr_delay"].null_count() == NO_ARRIVAL - NO_TAILNUM


def test_the_label_is_decided_within_its_horizon(tables: dict[str, pl.DataFrame]) -> None:
    from flights.training_set import flights

    longest = (
        tables["questions"]["label_known_at"] - tables["questions"]["asked_at"]
    ).dt.total_microseconds()
    assert longest.max() <= flights.label.horizon_us  # type: ignore[operator]


def test_the_arrival_is_when_the_clock_on_the_wall_said_so(raw_flights: pl.DataFrame) -> None:
    """`arr_time`, printed in the destination's local time, was not used to find the arrival."""
    arrived = raw_flights.filter(pl.col("arr_delay").is_not_null())
    wrong = [
        part.filter(_clock("arrived", str(zone)) != _printed("arr_time"))
        for (zone,), part in arrived.group_by("zone")
    ]
    # One flight of 327,346: it landed in the night when clocks went forward, and "2:03" was printed, which
    # no clock showed; the instant, 3:03 summer time, is the same.
    assert pl.concat(wrong)["event_id"].to_list() == ["2013-03-09-B6-35-JFK-2145"]


def test_the_departure_is_when_the_clock_on_the_wall_said_so(raw_flights: pl.DataFrame) -> None:
    departed = raw_flights.filter(pl.col("dep_delay").is_not_null())
    assert departed.filter(_clock("departed", "America/New_York") != _printed("dep_time")).is_empty()


def test_scheduled_flights_take_as_long_as_flights_take(raw_flights: pl.DataFrame) -> None:
    block = (pl.col("sched_arr") - pl.col("sched_dep")).dt.total_minutes()
    flights = raw_flights.with_columns(block=block, usual=block.median().over("origin", "dest"))
    assert (flights["block"].min(), flights["block"].max()) == (50, 700)
    odd = flights.filter((pl.col("block") - pl.col("usual")).abs() > 60)
    # Two timetable entries of 336,776 are an hour and a half longer than their route's median.
    assert sorted(odd["event_id"]) == ["2013-01-13-EV-4519-EWR-2159", "2013-06-13-EV-4377-EWR-1512"]
    ground = flights.filter(pl.col("air_time").is_not_null())["block"] - flights["air_time"].drop_nulls()
    assert ground.is_between(-20, 100).sum() == 327_346 - 207
    assert ground.is_between(-92, 130).all()


def test_overnight_flights_arrive_on_the_next_day(raw_flights: pl.DataFrame) -> None:
    overnight = raw_flights.filter(pl.col("sched_arr_time") < pl.col("sched_dep_time"))
    assert overnight.filter(pl.col("sched_arr") <= pl.col("sched_dep")).is_empty()
    # JFK to Ponce, printed 23:59 to 4:45 (UTC−4).
    red_eye = raw_flights.filter(pl.col("event_id") == "2013-01-01-B6-739-JFK-2359")
    assert red_eye["sched_arr"].dt.to_string("%F %R").to_list() == ["2013-01-02 08:45"]


def test_the_four_airports_without_a_zone_are_the_ones_written_by_hand(raw_flights: pl.DataFrame) -> None:
    by_hand = raw_flights.filter(pl.col("dest").is_in(list(ZONES_BY_HAND)))
    assert by_hand.height == 7_602
    assert set(by_hand["zone"]) == {"America/Puerto_Rico"}


def test_an_unknown_airport_is_an_error(raw_flights: pl.DataFrame) -> None:
    nowhere = raw_flights.head(1).drop("zone", "sched_dep", "sched_arr").with_columns(dest=pl.lit("XXX"))
    with pytest.raises(ValueError, match="XXX"):
        with_instants(nowhere, pl.DataFrame({"faa": ["IAH"], "tzone": ["America/Chicago"]}))


def test_weather_counts_from_one_hour_after_and_the_doubled_hours_are_two(
    tables: dict[str, pl.DataFrame],
) -> None:
    weather = tables["weather"]
    assert (weather["available_at"] - weather["event_time"]).unique().to_list() == [timedelta(hours=1)]
    assert weather.height == 26_115
    assert weather.select("origin", "event_time").is_unique().all()
    local = weather.select("origin", pl.col("event_time").dt.convert_time_zone("America/New_York"))
    doubled = local.with_columns(pl.col("event_time").dt.replace_time_zone(None)).filter(
        pl.struct("origin", "event_time").is_duplicated()
    )
    assert doubled.group_by("origin").len().sort("origin").rows() == [("EWR", 2), ("JFK", 2), ("LGA", 2)]
    assert doubled["event_time"].dt.date().unique().to_list() == [date(2013, 11, 3)]


def test_planes_are_known_before_the_first_question_and_unknown_for_some(
    tables: dict[str, pl.DataFrame],
) -> None:
    asked, planes, routes = tables["questions"], tables["planes"], tables["routes"]
    assert planes["tailnum"].is_unique().all()
    assert routes.select("origin", "dest").is_unique().all()
    assert asked.join(routes, on=["origin", "dest"], how="anti").is_empty()
    assert asked.join(planes, on="tailnum", how="anti").height == 50_094
    assert planes["ds"].max() < asked["asked_at"].min().date()  # type: ignore[union-attr, operator]


def test_times_are_utc_microseconds(tables: dict[str, pl.DataFrame]) -> None:
    for table in tables.values():
        for name, dtype in table.schema.items():
            if dtype.is_temporal() and name != "ds":
                assert dtype == pl.Datetime("us", "UTC"), name


def test_preparing_again_writes_nothing_and_a_killed_run_is_completed(tmp_path: Path) -> None:
    counts = data.prepare(tmp_path)
    stamps = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    (tmp_path / "routes.parquet").unlink()
    pl.read_parquet(tmp_path / "planes.parquet").write_parquet(tmp_path / "planes.parquet")
    assert data.prepare(tmp_path) == counts
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert {name for name in after if after[name] != stamps[name]} == {"routes.parquet", "planes.parquet"}
