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


def check_age(given: FeatureSet) -> None:
    """Refuse a `max_age` and `on_stale` that cannot be.

    Raises:
        DefinitionError: with what is expected.
    """
    if given.on_stale not in ("null", "keep") or (given.max_age is None and given.on_stale != "null"):
        raise DefinitionError(
            f"on_stale is {given.on_stale!r} and max_age {given.max_age!r}.",
            cure="Expected 'null', or 'keep' beside a max_age.",
        )
    if given.max_age_us is None:
        return
    if isinstance(given.source, CalendarSource):
        raise DefinitionError(
            f"{given.name!r} is a calendar with a max_age.", cure="Leave it out: time itself does not age."
        )
    if given.max_age_us < 0:
        raise DefinitionError(f"max_age={given.max_age!r} is negative.", cure="Expected '30d', say.")
