"""Which events made a value: the definition of V(key, t) once more, as a filter that people can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, EventTimeError, UnknownNameError
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import Events
from bighead.pipeline_lib.point_in_time.clean import KNOWN, TIME, UNTIL
from bighead.pipeline_lib.point_in_time.elements import BUCKET, Shape, elements
from bighead.pipeline_lib.point_in_time.events import with_ties

_ROW, PLACE = "__row", "__place"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def trace(
    feature_set: FeatureSet, feature: str, key: Mapping[str, Any], at: datetime, rows: pl.DataFrame
) -> pl.DataFrame:
    """Return the cleaned rows that made the value of `feature` for `key` as of `at` (UTC), in order of time.

    For min and max these are the rows of that value, for first and last the one row; else all that count. Of a
    map they are those of each of its entries, and of a derived feature those of everything that it comes down to.

    Raises:
        UnknownNameError: no such feature.
        DefinitionError: the set has no events, or `key` lacks one of its keys.
        EventTimeError: `at` is naive.
    """
    known = {each.name: each for each in feature_set.features}
    found = known.get(feature) or known.get(f"{feature_set.name}_{feature}")
    if found is None:
        raise UnknownNameError(f"feature of {feature_set.name!r}", feature, known)
    if not isinstance(feature_set.source, Events):
        raise DefinitionError(
            f"{feature!r} is a fact, not made of events.", cure="Look into its source's table."
        )
    if set(key) != set(feature_set.keys):
        raise DefinitionError(f"the key {dict(key)} was given.", cure=f"Expected {list(feature_set.keys)}.")
    if at.tzinfo is None:
        raise EventTimeError(f"{at} is naive.", cure="Give it a time zone, as UTC.")
    placed = rows.with_row_index(PLACE)
    roots = found.derivation.roots if found.derivation else (feature_set.short(found),)
    made = [_made_of(feature_set, known[f"{feature_set.name}_{root}"], key, at, placed) for root in roots]
    # Of several inputs a row is named once, however many of them it made.
    return _ordered(pl.concat(made).unique(PLACE), feature_set).select(rows.columns)


def _made_of(
    feature_set: FeatureSet, feature: Feature, key: Mapping[str, Any], at: datetime, rows: pl.DataFrame
) -> pl.DataFrame:
    inside = visible_rows(feature_set, feature, key, at, rows)
    values = values_within(feature, inside)
    groups = values.partition_by(BUCKET) if BUCKET in values.columns else [values]
    deciding = pl.concat([_deciding(group, feature) for group in groups] or [values])
    return inside.filter(pl.int_range(pl.len()).is_in(deciding[_ROW].implode())).select(rows.columns)


def visible_rows(
    feature_set: FeatureSet, feature: Feature, key: Mapping[str, Any], at: datetime, rows: pl.DataFrame
) -> pl.DataFrame:
    """Return the rows of `key` in the feature's window as of `at`, in the order in which the kernel takes them.

    What was taken back by then is not among them.
    """
    inclusive = feature_set.boundary == "inclusive"
    inside = rows.filter(_window(feature, at, inclusive), *_key(key))
    if feature_set.source.retracts:
        inside = inside.filter(_in_force(at, inclusive))
    return _ordered(inside, feature_set)


def _ordered(rows: pl.DataFrame, feature_set: FeatureSet) -> pl.DataFrame:
    ordered, ties = with_ties(rows, feature_set)
    # Its place in a file says nothing of an event.
    return ordered.sort(TIME, KNOWN, *(each for each in ties if each != PLACE))


def values_within(feature: Feature, rows: pl.DataFrame) -> pl.DataFrame:
    """Return each value of the rows that counts, with its `__bucket` where the result is a map."""
    values = elements(rows.with_row_index(_ROW), Shape.of(feature, rows.schema), [_ROW, feature.column])
    column = pl.col(feature.column)
    floats = values.schema[feature.column].is_float()
    return values.filter(column.is_finite() if floats else column.is_not_null())


def _window(feature: Feature, at: datetime, inclusive: bool) -> pl.Expr:
    now = pl.lit(at.astimezone(UTC)).cast(pl.Datetime("us", "UTC"))
    before = [(pl.col(name) <= now) if inclusive else (pl.col(name) < now) for name in (TIME, KNOWN)]
    assert feature.window is not None
    asked = (at - _EPOCH) // timedelta(microseconds=1)
    start, end, time = feature.window.start(asked), feature.window.end(asked), pl.col(TIME).dt.epoch("us")
    if start is not None:
        before.append(time >= start)
    if end is not None:
        before.append(time < end)
    return pl.all_horizontal(before)


def _in_force(at: datetime, inclusive: bool) -> pl.Expr:
    now = pl.lit(at.astimezone(UTC)).cast(pl.Datetime("us", "UTC"))
    return ~((pl.col(UNTIL) <= now) if inclusive else (pl.col(UNTIL) < now)).fill_null(False)


def _key(key: Mapping[str, Any]) -> list[pl.Expr]:
    return [pl.col(name) == value for name, value in key.items()]


def _deciding(values: pl.DataFrame, feature: Feature) -> pl.DataFrame:
    """The values that made the result, of one entry of a map or of all; by default each did."""
    column, k = pl.col(feature.column), (feature.aggregation and feature.aggregation.k) or 0
    taken: dict[str, Callable[[], pl.DataFrame]] = {
        "first": lambda: values.head(1),
        "time_since_first": lambda: values.head(1),
        "first_k": lambda: values.head(k),
        "last": lambda: values.tail(1),
        "time_since_last": lambda: values.tail(1),
        "last_k": lambda: values.tail(k),
        "lag": lambda: values.tail(k + 1).head(1) if values.height > k else values.clear(),
        "min": lambda: values.filter(column == column.min()),
        "max": lambda: values.filter(column == column.max()),
        "bottom_k": lambda: values.filter(column <= column.sort().head(k).max()),
        "top_k": lambda: values.filter(column >= column.sort(descending=True).head(k).min()),
        "mode": lambda: values.filter(column == column.mode().min()),
    }
    return taken[feature.operation]() if feature.operation in taken else values
