"""The latest weather at the airport of departure, as of what had been published."""

from __future__ import annotations

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet

MEASURES = {
    "temp": "Temperature, °F",
    "dewp": "Dew point, °F",
    "humid": "Relative humidity, %",
    "wind_dir": "Where the wind comes from, degrees",
    "wind_speed": "Wind, miles an hour",
    "wind_gust": "Gusts, miles an hour; 0 where none were noted",
    "precip": "Precipitation in the hour, inches",
    "pressure": "Pressure at sea level, millibars",
    "visib": "Visibility, miles",
}

weather = FeatureSet(
    name="weather",
    owner="team:flights",
    keys=["origin"],
    source=EventSource(
        table="weather",
        stream="weather",
        event_time="event_time",
        available_at="available_at",  # one hour after the observation
        event_id="event_id",
        select={"wind_gust": "COALESCE(wind_gust, 0.0)"},
        start_date="2013-01-01",
    ),
    # `last` skips nulls, so a measure that was missed is the newest there is, at most 6 hours old.
    aggregations=[Aggregation(measure, "last", windows=["6h"]) for measure in MEASURES],
    docs=MEASURES,
)
