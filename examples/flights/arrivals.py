"""What has just arrived tells what comes next: delays of the same carrier, destination, route or aircraft.

The fifth of these sets, by origin, is written in YAML: arrivals_by_origin.yaml.
"""

from __future__ import annotations

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet

WINDOWS = ("3h", "1d", "7d", "30d")

ARRIVALS = EventSource(
    table="arrivals",
    stream="arrivals",
    event_time="event_time",
    available_at="available_at",
    event_id="event_id",
    select={"late": "CAST(arr_delay > 15 AS DOUBLE)"},
    start_date="2013-01-01",
)


def arrivals_by(name: str, *keys: str) -> FeatureSet:
    """Return the set of mean, highest and number of arrival delays, and the share of late ones, by `keys`."""
    return FeatureSet(
        name=name,
        owner="team:flights",
        keys=keys,
        source=ARRIVALS,
        aggregations=[
            Aggregation("arr_delay", "mean", windows=WINDOWS),
            Aggregation("arr_delay", "max", windows=WINDOWS),
            Aggregation("arr_delay", "count", windows=WINDOWS),
            Aggregation("late", "mean", windows=WINDOWS),
        ],
        docs={
            "arr_delay": "Minutes between scheduled and actual arrival; negative when early",
            "late": "1 for an arrival more than 15 minutes late: its mean is the share of late arrivals",
        },
    )


carrier = arrivals_by("carrier", "carrier")
dest = arrivals_by("dest", "dest")
route = arrivals_by("route", "origin", "dest")
tail = arrivals_by("tail", "tailnum")
