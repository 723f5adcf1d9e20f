"""The record of one answered request, and its bytes: MessagePack arrays, in the order of the fields.

Times are UTC microseconds. A field may only be added at the end, with a default: old logs stay readable.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from bighead.pipeline_lib.errors import StoreError

if TYPE_CHECKING:
    import polars as pl


class RowRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row of a request: what came with it, what was fetched for it, and what was answered.

    `statuses` holds the features that are not plainly present: null_key, stale, empty.
    """

    keys: dict[str, Any]
    context: dict[str, Any]
    features: dict[str, Any]
    statuses: dict[str, str]
    prediction: dict[str, Any]


class InferenceRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One answered request.

    `definitions` gives each feature set's hash, `generations` the midnight (µs) of the generation it was read
    from, `positions` how much of each stream had been applied (the position of the next event). A `synthetic`
    request was no real question: a probe or a load test. `immature` names the features whose windows reached
    back beyond their source's start date. `late` names the feature sets whose store was further behind than the tail
    buffer, so that their values were null; None in logs from before this was told.
    """

    request_id: str
    logged_at: int
    at: int
    model: str
    artifact: int
    rows: list[RowRecord]
    definitions: dict[str, str] = {}
    generations: dict[str, int | None] = {}
    positions: dict[str, int] = {}
    synthetic: bool = False
    immature: list[str] = []
    late: list[str] | None = None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(InferenceRecord)


def encode(record: InferenceRecord) -> bytes:
    """Return a record's bytes."""
    return _encoder.encode(record)


def decode(data: bytes) -> InferenceRecord:
    """Return the record that `encode` wrote.

    Raises:
        StoreError: the bytes are no inference record.
    """
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"bytes that are no inference record: {error}.", cure="Restore the log.") from error


def to_frame(records: Iterable[InferenceRecord]) -> pl.DataFrame:
    """Return one row per answered row: request_id, row, at, logged_at, artifact, then inputs and prediction.

    Keys, context and features have their own names, predictions theirs with `prediction_` before.
    """
    import polars as pl

    rows = [
        {
            "request_id": record.request_id,
            "row": number,
            "at": record.at,
            "logged_at": record.logged_at,
            "artifact": record.artifact,
            **row.keys,
            **row.context,
            **row.features,
            **{f"prediction_{name}": value for name, value in row.prediction.items()},
        }
        for record in records
        for number, row in enumerate(record.rows)
    ]
    times = {"at": pl.Datetime("us", "UTC"), "logged_at": pl.Datetime("us", "UTC")}
    fixed = {
        "request_id": pl.String,
        "row": pl.Int64,
        "at": pl.Int64,
        "logged_at": pl.Int64,
        "artifact": pl.Int64,
    }
    if not rows:
        return pl.DataFrame(schema=fixed).cast(times)  # type: ignore[arg-type]
    return pl.DataFrame(rows, infer_schema_length=None).cast(times)  # type: ignore[arg-type]
