"""What of a set's rows a question can see at all: of one whose rows are known late, nothing of its own day."""

from __future__ import annotations

from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import CalendarSource, EntitySource, EventSource
from bighead.pipeline_lib.features.window import DAY, Window


def seen_until(feature_set: FeatureSet, at: int) -> int:
    """Return the µs from which on no row's event_time can count for a question at `at` µs; it is at most at + 1.

    A `delay` or a `landing` hides what happened just before, and windows may all end at the last midnight.
    """
    source = feature_set.source
    if isinstance(source, EntitySource):
        # What is known at exactly t counts.
        return at + 1 - (0 if source.retracts else source.landing_us)
    if not isinstance(source, EventSource):
        return at + 1
    # A mutation may be known before the time that its row tells of.
    known = at + 1 - (0 if source.retracts else source.delay_us)
    ends = [_end(window, at) for each in feature_set.aggregations for window in each.windows]
    return min(known, max(ends, default=at + 1))


def is_settled(feature_set: FeatureSet) -> bool:
    """Return whether questions see nothing of the UTC day that they are asked on: no value waits for its end."""
    return isinstance(feature_set.source, CalendarSource) or seen_until(feature_set, DAY - 1) <= 0


def _end(window: Window, at: int) -> int:
    whole = window.kind == "snapshot" or (window.kind == "tumbling" and (window.length or 0) % DAY == 0)
    end = window.end(at) if whole else None
    return at + 1 if end is None else end
