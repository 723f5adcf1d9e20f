"""What a feature set needs beside its source: keys and aggregations of events, keys and columns of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.source import CalendarSource, EntitySource, Events

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.feature_set import FeatureSet


def check_shape(given: FeatureSet) -> None:
    """Refuse a set whose keys, aggregations or columns do not go with its source.

    Raises:
        DefinitionError: with what goes with it.
    """
    if isinstance(given.source, Events):
        fits, wanted = (
            bool(given.keys and given.aggregations) and not given.columns,
            "keys and aggregations, no columns",
        )
    elif isinstance(given.source, EntitySource):
        fits, wanted = (
            bool(given.keys and given.columns) and not given.aggregations,
            "keys and columns, no aggregations",
        )
    elif isinstance(given.source, CalendarSource):
        fits, wanted = not given.keys and not given.aggregations, "neither keys nor aggregations"
    else:
        kind = type(given.source).__name__
        fits, wanted = False, f"an EventSource, ChainedSource, EntitySource or CalendarSource, not {kind}"
    if not fits:
        raise DefinitionError(
            f"the feature set {given.name!r} does not fit its source.",
            cure=f"{type(given.source).__name__}: expected {wanted}.",
        )
