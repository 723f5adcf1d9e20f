"""Which events made a value: the definition of V(key, t) once more, as a filter that people can read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, EventTimeError, UnknownNameError
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import EventSource
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID, KNOWN, TIME

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def trace(
    feature_set: FeatureSet, feature: str, key: Mapping[str, Any], at: datetime, rows: pl.DataFrame
) -> pl.DataFrame:
    """Return the cleaned rows that made the value of `feature` for `key` as of `at` (UTC), in order of time.

    For min and max these are the rows of that value, for first and last the one row; else all that count.

    Raises:
        UnknownNameError: no such feature.
        DefinitionError: the set has no events, or `key` lacks one of its keys.
        EventTimeError: `at` is naive.
    """
    known = {each.name: each for each in feature_set.features}
    found = known.get(feature) or known.get(f"{feature_set.name}_{feature}")
    if found is None:
        raise UnknownNameError(f"feature of {feature_set.name!r}", feature, known)
    if not isinstance(feature_set.source, EventSource) or found.window is None:
        raise DefinitionError(
            f"{feature!r} is a fact, not made of events.", cure="Look into its source's table."
        )
    if set(key) != set(feature_set.keys):
        raise DefinitionError(f"the key {dict(key)} was given.", cure=f"Expected {list(feature_set.keys)}.")
    if at.tzinfo is None:
        raise EventTimeError(f"{at} is naive.", cure="Give it a time zone, as UTC.")
    counted = rows.filter(
        _window(found, at, feature_set.boundary == "inclusive"), *_key(key), _counts(found, rows)
    )
    ties = [EVENT_ID] if EVENT_ID in rows.columns else []
    return _deciding(counted.sort(TIME, KNOWN, *ties), found)


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


def _key(key: Mapping[str, Any]) -> list[pl.Expr]:
    return [pl.col(name) == value for name, value in key.items()]


def _counts(feature: Feature, rows: pl.DataFrame) -> pl.Expr:
    column = pl.col(feature.column)
    return column.is_finite() if rows.schema[feature.column].is_float() else column.is_not_null()


def _deciding(counted: pl.DataFrame, feature: Feature) -> pl.DataFrame:
    column = pl.col(feature.column)
    if feature.operation == "first":
        return counted.head(1)
    if feature.operation == "last":
        return counted.tail(1)
    if feature.operation in ("min", "max"):
        return counted.filter(column == (column.min() if feature.operation == "min" else column.max()))
    return counted
