"""Debezium's messages of a table of orders, for the tests of envelopes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from orders import HOUR, B, orders

from bighead.pipeline_lib.features import Mutations
from bighead.resources.online_rows import microseconds
from bighead.resources.stream_messages import Message

MICRO = {"type": "int64", "name": "io.debezium.time.MicroTimestamp", "version": 1}
COLUMNS = [
    {"type": "int64", "field": "id"},
    {"type": "string", "field": "k"},
    {**MICRO, "field": "ts"},
    {"type": "int64", "field": "x"},
]
SCHEMA = {
    "type": "struct",
    "name": "shop.public.orders.Envelope",
    "fields": [
        {"type": "struct", "field": "before", "fields": COLUMNS},
        {"type": "struct", "field": "after", "fields": COLUMNS},
        {"type": "string", "field": "op"},
    ],
}
captured = replace(
    orders,
    name="captured",
    source=replace(
        orders.source, mutations=Mutations("made", operation="op", sequence="n", envelope="debezium")
    ),
)


def row(id, k, ts, x) -> dict:
    return {"id": id, "k": k, "ts": microseconds(B + ts * HOUR), "x": x}


def change(op, made, lsn, before=None, after=None, late=0, wrapped=True) -> dict:
    """An envelope of an hour; `late` hours later the connector saw it."""
    at, seen = (microseconds(B + hour * HOUR) for hour in (made, made + late))
    source = {"connector": "postgresql", "ts_ms": at // 1000, "ts_us": at, "lsn": lsn, "table": "orders"}
    envelope = {"before": before, "after": after, "source": source, "op": op, "ts_ms": seen // 1000}
    return {"schema": SCHEMA, "payload": envelope} if wrapped else plain(envelope)


def plain(envelope: dict) -> dict:
    """Without a schema times are text, as `time.precision.mode=isostring` writes them."""

    def told(image):
        return image and {**image, "ts": image["ts"] and iso(image["ts"])}

    return {**envelope, "before": told(envelope["before"]), "after": told(envelope["after"])}


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1e6, tz=B.tzinfo).isoformat()


def message(offset, id, envelope, partition=0, hour=0) -> Message:
    value = None if envelope is None else json.dumps(envelope).encode()
    key = json.dumps({"schema": {"type": "struct"}, "payload": {"id": id}}).encode()
    return Message(partition, offset, key, value, microseconds(B + hour * HOUR))
