"""Rides: a model that reads features of several sets, what a request says, and what is derived from both."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

from bighead.pipeline_lib.artifact import derived_inputs, input_columns, save
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    EventSource,
    FeatureSet,
    Input,
    Label,
    LeftTable,
    TrainingSet,
    codec,
)
from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.inference_log import InferenceRecord
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.point_in_time import SourceRows, build_training_set
from bighead.pipeline_lib.transforms import NaNToMean, OneHotLabelEncoder
from bighead.resources.online_rows import microseconds
from bighead.serving.feature_fetchers.online import OnlineFetcher
from bighead.serving.gateway.hosted import Hosted
from bighead.serving.gateway.predictor import Predictor
from bighead.serving.gateway.wire import Ask

B = datetime(2013, 11, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UTC_US = pl.Datetime("us", "UTC")


def fares(name: str, key: str) -> FeatureSet:
    return FeatureSet(
        name=name,
        owner="t",
        keys=[key],
        source=EventSource(table=name, event_time="at", event_id="id"),
        aggregations=[Aggregation("fare", operation, ["1d"]) for operation in ("sum", "count", "last_2")],
        max_age="12h",
    )


RIDERS, ZONES = fares("riders", "rider"), fares("zones", "zone")
CLOCK = FeatureSet(name="clock", owner="t", keys=[], source=CalendarSource("UTC", fields=["hour"]))
RIDES = TrainingSet(
    name="rides",
    left=LeftTable("rides", known={"rider": "0s", "zone": "0s"}),
    timestamp="t",
    row_id="row",
    features=[RIDERS, ZONES.on(prefix="z"), CLOCK],
    label=Label("tipped", horizon="1h"),
    inputs=[
        Input("quoted", "float64", known="0s", doc="what the app showed"),
        Input("seats", "int64", known="0s", nullable=False),
        Input("pool", "bool", known="0s"),
        Input("kind", "string", known="0s"),
        Input("pickup", "datetime", known="0s"),
    ],
    derivations={
        "share": "riders_fare_sum_1d / z_zones_fare_sum_1d",
        "dear": "quoted / seats - usual",
        "usual": "riders_fare_sum_1d / riders_fare_count_1d",
        "ahead": "CASE WHEN pickup > t THEN 1 ELSE 0 END",
        "shown": "CASE WHEN pool THEN kind ELSE 'own' END",
        "lists": "ARRAY_LENGTH(riders_fare_last2_1d) + clock_hour",
        "unread": "seats * 1000",
    },
)
READ = ["quoted", "dear", "share", "ahead", "lists", "shown", "riders_fare_count_1d"]


class Tables(dict[str, pl.DataFrame]):
    """Tables in memory."""

    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return "1"


def happened(given_events, key: str) -> pl.DataFrame:
    rows = [(who, B + at * MINUTE, f"e{n}", fare) for n, (who, at, fare) in enumerate(given_events)]
    schema = {key: pl.String(), "at": UTC_US, "id": pl.String(), "fare": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def left_of(asked: list[dict[str, Any]], at: datetime) -> pl.DataFrame:
    told = [
        {
            **row,
            "quoted": None if row["quoted"] is None else float(row["quoted"]),
            "row": n,
            "t": at,
            "tipped": n % 2,
        }
        | {"pickup": None if row["pickup"] is None else at + row["pickup"] * MINUTE}
        for n, row in enumerate(asked)
    ]
    schema = {
        "rider": pl.String,
        "zone": pl.String,
        "quoted": pl.Float64,
        "seats": pl.Int32,
        "pool": pl.Boolean,
    }
    more = {"kind": pl.String, "pickup": UTC_US, "row": pl.Int64, "t": UTC_US, "tipped": pl.Int64}
    return pl.DataFrame(told, schema={**schema, **more})


def requests(asked: list[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    return [
        {**row, "pickup": None if row["pickup"] is None else (at + row["pickup"] * MINUTE).isoformat()}
        for row in asked
    ]


def saved_rides(folder: Path) -> Path:
    """A model of rides that reads most of its derivations, kept as training keeps it."""
    told = [("ab"[n % 2], -n * 7 - 1, n % 5) for n in range(200)]
    some = [
        {"rider": "ab"[n % 2], "zone": "ba"[n % 2], "quoted": n / 7, "seats": n % 3, "pool": n % 4 > 1}
        | {"kind": "xy"[n % 2], "pickup": n - 60}
        for n in range(120)
    ]
    read = Tables(riders=happened(told, "rider"), zones=happened(told, "zone"))
    frame = build_training_set(RIDES, left_of(some, B), SourceRows(read)).frame
    pipeline = Pipeline("rides")
    pipeline[[name for name in READ if name != "shown"]] >>= NaNToMean()
    pipeline["shown"] >>= OneHotLabelEncoder()
    pipeline >>= XGBClassifier(n_estimators=5, max_depth=3)
    pipeline.fit(frame, frame["tipped"])
    derived = derived_inputs(pipeline, RIDES)
    assert derived is not None
    used = {*pipeline.input_columns, *derived.features}
    refs = [ref for ref in RIDES.refs if used & set(ref.columns())]
    save(
        pipeline,
        folder,
        model="rides",
        inputs=input_columns(pipeline, RIDES),
        example_rows=frame,
        feature_sets_json=json.dumps([json.loads(codec.to_json(ref)) for ref in refs]),
        key_columns=RIDES.key_columns,
        derived=derived,
    )
    return folder


def served(
    hosted: Hosted, fetcher: OnlineFetcher, rows: list[dict[str, Any]], at: datetime
) -> InferenceRecord:
    """Answer as the gateway does, and return what it logs."""
    kept: list[InferenceRecord] = []
    clock = SimpleNamespace(now=lambda: at)
    predictor = Predictor(
        SimpleNamespace(check_lease=lambda: None),  # type: ignore[arg-type]
        fetcher,
        SimpleNamespace(log=kept.append),  # type: ignore[arg-type]
        clock,  # type: ignore[arg-type]
    )
    hosted.acquire()
    predictor.answer(hosted, Ask(rows, microseconds(at)))
    return kept[0]
