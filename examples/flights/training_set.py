"""Every flight asks, two hours before it is to leave: will I be late?"""

from __future__ import annotations

from pathlib import Path

from bighead.pipeline_lib.features import FeatureSet, Label, LeftTable, TrainingSet
from flights.arrivals import carrier, dest, route, tail
from flights.congestion import congestion
from flights.facts import departure, planes, routes
from flights.weather import weather

origin = FeatureSet.from_yaml(Path(__file__).with_name("arrivals_by_origin.yaml"))

flights = TrainingSet(
    name="flights",
    owner="team:flights",
    left=LeftTable(
        table="questions",
        known={
            # The timetable is published months ahead.
            "carrier": "-30d",
            "origin": "-30d",
            "dest": "-30d",
            # The aircraft is assigned by then; README, "What is assumed", says what this takes on trust.
            "tailnum": "0s",
        },
    ),
    timestamp="asked_at",
    row_id="event_id",
    features=[departure, routes, weather, carrier, origin, dest, route, tail, congestion, planes],
    inputs=["carrier", "origin"],
    # Two hours to departure, at most 11 h 40 min of scheduled flight, 15 minutes of grace.
    label=Label("late", horizon="14h"),
)
