"""Turn the clocks printed in a timetable into instants.

The flights table prints every time as a local clock such as 1755: the departure on New York's clock, the
arrival on the destination's, without a date. The date of an arrival follows from the departure: the first
moment at which the destination's clock shows that time and a flight could already have come that far.
Two columns of the same table that are not used here check it: `arr_time`, the clock on the wall at the
actual arrival, and `air_time`.
"""

from __future__ import annotations

import polars as pl

NEW_YORK = "America/New_York"

# airports.csv lacks these four; the whole of Puerto Rico and the Virgin Islands keeps UTC−4 all year.
ZONES_BY_HAND = dict.fromkeys(("SJU", "BQN", "STT", "PSE"), "America/Puerto_Rico")

# The shortest flight out of New York is scheduled at 50 minutes: anything below belongs to the next day.
SHORTEST_FLIGHT = pl.duration(minutes=30)


def with_instants(flights: pl.DataFrame, airports: pl.DataFrame) -> pl.DataFrame:
    """Return the flights with `zone`, `sched_dep` and `sched_arr` (Datetime µs, UTC).

    Raises:
        ValueError: a destination has no known zone.
    """
    zones = airports.select(dest="faa", zone="tzone").filter(pl.col("zone").is_not_null())
    zoned = flights.join(zones, on="dest", how="left", maintain_order="left").with_columns(
        pl.coalesce("zone", pl.col("dest").replace_strict(ZONES_BY_HAND, default=None)).alias("zone")
    )
    unknown = zoned.filter(pl.col("zone").is_null())["dest"].unique().sort().to_list()
    if unknown:
        raise ValueError(f"no time zone is known for {unknown}; write it into ZONES_BY_HAND.")
    departing = zoned.with_columns(sched_dep=_instant("sched_dep_time", NEW_YORK))
    arriving = [
        _with_arrival(part, zone) for (zone,), part in departing.group_by("zone", maintain_order=True)
    ]
    return pl.concat(arriving).sort("sched_dep", "carrier", "flight", "origin")


def _with_arrival(flights: pl.DataFrame, zone: object) -> pl.DataFrame:
    """Add `sched_arr` for flights into one zone: the same printed day, or the next."""
    same_day = _instant("sched_arr_time", str(zone))
    next_day = _instant("sched_arr_time", str(zone), days=1)
    earliest = pl.col("sched_dep") + SHORTEST_FLIGHT
    return flights.with_columns(sched_arr=pl.when(same_day >= earliest).then(same_day).otherwise(next_day))


def _instant(clock: str, zone: str, days: int = 0) -> pl.Expr:
    """Read a printed clock on the flight's date as an instant; no clock here falls into a changed hour."""
    local = pl.datetime("year", "month", "day", pl.col(clock) // 100, pl.col(clock) % 100)
    dated = local + pl.duration(days=days)
    return dated.dt.replace_time_zone(zone, ambiguous="raise", non_existent="raise").dt.convert_time_zone(
        "UTC"
    )
