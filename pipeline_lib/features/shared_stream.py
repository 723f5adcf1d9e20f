"""What sets that read one stream must agree on: whether its messages are rows, or mutations of rows."""

from __future__ import annotations

from collections.abc import Iterable

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.event_source import EventSource
from bighead.pipeline_lib.features.feature_set import FeatureSet


def check_streams(feature_sets: Iterable[FeatureSet]) -> None:
    """Refuse sets that take one stream's messages for different things.

    >>> from bighead.pipeline_lib.features import Aggregation
    >>> log = EventSource("log", "ts", stream="orders", event_id="id")
    >>> made = [Aggregation("price", "sum", ["7d"])]
    >>> check_streams([FeatureSet(name="orders", owner="t", keys=["k"], source=log, aggregations=made)] * 2)

    Raises:
        DefinitionError: one reads rows where another reads mutations, or mutations in an envelope.
    """
    found: dict[str, tuple[FeatureSet, str]] = {}
    for each in feature_sets:
        source = each.source
        if not isinstance(source, EventSource) or source.stream is None:
            continue
        first, told = found.setdefault(source.stream, (each, _messages(source)))
        if told != _messages(source):
            raise DefinitionError(
                f"the stream {source.stream!r} brings {told} to {first.name!r} and {_messages(source)} to"
                f" {each.name!r}.",
                cure="Declare the same mutations in both, or give each a stream of its own; where the messages"
                " themselves changed, begin a new stream.",
            )


def _messages(source: EventSource) -> str:
    if source.mutations is None:
        return "rows"
    envelope = source.mutations.envelope
    return "mutations of rows" + (f" in envelopes of {envelope}" if envelope else "")
