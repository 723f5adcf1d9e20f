"""How busy and how late an airport's departures are right now."""

from __future__ import annotations

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet

congestion = FeatureSet(
    name="congestion",
    owner="team:flights",
    keys=["origin"],
    source=EventSource(
        table="departures",
        stream="departures",
        event_time="event_time",
        available_at="available_at",
        event_id="event_id",
        start_date="2013-01-01",
    ),
    aggregations=[
        Aggregation("dep_delay", "count", windows=["1h", "3h"]),
        Aggregation("dep_delay", "mean", windows=["1h", "3h"]),
        Aggregation("dep_delay", "max", windows=["1h", "3h"]),
    ],
    docs={"dep_delay": "Minutes between scheduled and actual departure; their count is the departures"},
)
