"""What a value lacks: one of null_key > stale > empty > present, and whether its window reaches too far back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import Events
from bighead.pipeline_lib.features.window import DAY, mature_from
from bighead.pipeline_lib.point_in_time.witness import Seen

STATUSES = ("present", "empty", "stale", "null_key")
STATUS = pl.Enum(STATUSES)
_PRESENT, _EMPTY, _STALE, _NULL_KEY = (pl.lit(each, dtype=STATUS) for each in STATUSES)
_RANK = {status: rank for rank, status in enumerate(STATUSES)}
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def status_frame(seen: Seen, times: pl.Series, max_age: int | None, null_key: pl.Series) -> pl.DataFrame:
    """Return the status of each output at `times`; `max_age` in µs."""
    columns = pl.all()
    none = (columns == 0) | columns.is_null() if seen.counted else columns.is_null()
    state: pl.Expr = pl.when(none).then(_EMPTY).otherwise(_PRESENT)
    if max_age is not None:
        state = pl.when(pl.lit(times.dt.epoch("us")) - columns > max_age).then(_STALE).otherwise(state)
    if null_key.any():
        state = pl.when(pl.lit(null_key)).then(_NULL_KEY).otherwise(state)
    found = seen.columns.select(state.name.keep())
    return pl.DataFrame([found[witness].alias(output) for output, witness in seen.of.items()])


def worst_status(lacks: Mapping[str, str], columns: Iterable[str]) -> str | None:
    """Return the worst of the statuses of columns, by what they lack; None where all are present.

    >>> worst_status({"a": "empty", "b": "stale"}, ["a", "b", "c"])
    'stale'
    """
    met = [lacks[column] for column in columns if column in lacks]
    return max(met, key=_RANK.__getitem__) if met else None


def without_stale(values: pl.DataFrame, statuses: pl.DataFrame) -> pl.DataFrame:
    """Return the values with null in place of those that are stale."""
    stale = {name: statuses[name] == "stale" for name in values.columns}
    kept = [pl.when(~pl.lit(old)).then(pl.col(name)).alias(name) for name, old in stale.items() if old.any()]
    return values.with_columns(kept) if kept else values


def immature_before(ref: FeatureRef) -> dict[str, int]:
    """Return, by output, the t (UTC µs) before which a window starts before the source's `start_date`.

    Only what has both is named: without a start date nothing is immature, and neither are facts, nor all the
    past of an unbounded window.
    """
    source = ref.set.source
    if not isinstance(source, Events) or source.start_date is None:
        return {}
    first = (date.fromisoformat(source.start_date).toordinal() - _EPOCH_DAY) * DAY
    made = ref.computed.features
    windowed = [(ref.set.short(each), each.window) for each in made if each.window is not None]
    found = {name: mature_from(window, first) for name, window in windowed}
    # What is derived is as immature as the most immature of what it is made of.
    roots = {ref.output(f): f.derivation.roots if f.derivation else (ref.set.short(f),) for f in ref.features}
    since = {name: [t for each in made if (t := found.get(each)) is not None] for name, made in roots.items()}
    return {name: max(times) for name, times in since.items() if times}


def immature(times: pl.Series, ref: FeatureRef) -> pl.DataFrame:
    """Return for each of `times` (UTC µs) and each output whether it is immature."""
    since = immature_before(ref)
    at, never = times.dt.epoch("us"), pl.repeat(False, len(times), dtype=pl.Boolean, eager=True)
    columns = [at < since[name] if name in since else never for name in ref.columns()]
    return pl.DataFrame([each.alias(name) for each, name in zip(columns, ref.columns(), strict=True)])
