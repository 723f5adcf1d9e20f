"""The mutations in a stream's log, cleaned for one definition: what a replay of answers reads of it."""

from __future__ import annotations

import polars as pl

from bighead.pipeline_lib.features import EventSource, FeatureSet
from bighead.pipeline_lib.monitoring.replayed_mutations import ARRIVED, POSITION
from bighead.resources.stream import Streams
from bighead.resources.stream_cleaning import clean_events
from bighead.resources.stream_events import Feed, check_events

_BATCH = 5_000


def logged_mutations(feature_set: FeatureSet, streams: Streams, schema: pl.Schema) -> pl.DataFrame:
    """Return the cleaned mutations of a set's stream with `POSITION` and `ARRIVED`.

    Args:
        feature_set: A set of events that mutations from a stream tell of.
        streams: Have the log.
        schema: The types of its cleaned mutations.

    Raises:
        RequestError: a mutation that the definition cannot take.
    """
    source = feature_set.source
    assert isinstance(source, EventSource)
    feed, stream = Feed(feature_set, schema), str(source.stream)
    told = [(at, each.arrived, each.event) for at, each in streams.records(stream) if each.event is not None]
    parts = [schema.to_frame().with_columns(pl.lit(0, pl.Int64).alias(name) for name in (POSITION, ARRIVED))]
    for first in range(0, len(told), _BATCH):
        positions, arrived, events = zip(*told[first : first + _BATCH], strict=True)
        rows = clean_events(feed, check_events({"": feed}, events))
        places = [pl.Series(POSITION, positions, pl.Int64), pl.Series(ARRIVED, arrived, pl.Int64)]
        parts.append(rows.with_columns(places))
    return pl.concat(parts)
