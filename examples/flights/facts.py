"""What does not happen but is: the aircraft, the route's length, and the local time of departure."""

from __future__ import annotations

from bighead.pipeline_lib.features import CalendarSource, EntitySource, FeatureSet

planes = FeatureSet(
    name="planes",
    owner="team:flights",
    keys=["tailnum"],
    source=EntitySource(table="planes", snapshot="ds", landing="0s"),
    columns=["built", "seats", "engines"],
    docs={"built": "Year of manufacture", "seats": "Number of seats", "engines": "Number of engines"},
)

routes = FeatureSet(
    name="routes",
    owner="team:flights",
    keys=["origin", "dest"],
    source=EntitySource(table="routes", snapshot="ds", landing="0s"),
    columns=["distance"],
    docs={"distance": "Miles between the two airports"},
)

# The question comes two hours before departure: its time and two hours is the departure's.
departure = FeatureSet(
    name="departure",
    owner="team:flights",
    keys=[],
    source=CalendarSource(
        timezone="America/New_York", shift="2h", fields=("hour", "weekday", "month", "minute_of_day")
    ),
    docs={
        "hour": "Hour of scheduled departure, New York",
        "weekday": "Day of scheduled departure, Monday is 1",
        "month": "Month of scheduled departure",
        "minute_of_day": "Minutes from midnight to scheduled departure, New York",
    },
)
