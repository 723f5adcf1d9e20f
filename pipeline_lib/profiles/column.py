"""What is known of one column of one partition, in a form that merges with other partitions'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any, Literal

import numpy as np
import polars as pl

from bighead.pipeline_lib.profiles.distinct import Distinct, merge_distinct
from bighead.pipeline_lib.profiles.moments import Moments, merge_moments
from bighead.pipeline_lib.profiles.quantiles import Quantiles, merge_quantiles
from bighead.pipeline_lib.profiles.top_values import LONGEST, TopValues, merge_top

Kind = Literal["empty", "number", "text", "time", "nested", "mixed"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ORDERED = ("number", "text", "time")


@dataclass(frozen=True)
class ColumnProfile:
    """Counts, extremes, moments, quantiles, distinct and top values of a column.

    `count` is of all rows. NaN and infinities are counted and are in nothing else but `distinct` and `top`. The
    extremes of times are microseconds since 1970 (UTC), those of texts are cut to their first characters. A column
    that held values of several kinds is `mixed`, and has neither extremes nor quantiles.
    """

    dtype: str = "Null"
    kind: Kind = "empty"
    count: int = 0
    nulls: int = 0
    nans: int = 0
    positive_infinities: int = 0
    negative_infinities: int = 0
    minimum: int | float | str | None = None
    maximum: int | float | str | None = None
    distinct: Distinct = field(default_factory=Distinct)
    moments: Moments = field(default_factory=Moments)
    quantiles: Quantiles = field(default_factory=Quantiles)
    top: TopValues = field(default_factory=TopValues)

    @classmethod
    def of(cls, values: pl.Series) -> ColumnProfile:
        """Return the profile of a column."""
        dtype, count, nulls = str(values.dtype), len(values), values.null_count()
        if nulls == count:
            return cls(dtype=dtype, count=count, nulls=nulls)
        values = without_sign_of_zero(values)
        kind, distinct, top = kind_of(values.dtype), Distinct.of(values), TopValues.of(values)
        counted = cls(dtype, kind, count, nulls, distinct=distinct, top=top)
        if kind == "number":
            return _number(counted, values)
        low, high, quantiles = _extremes(values, kind)
        return replace(counted, minimum=low, maximum=high, quantiles=quantiles)

    def to_plain(self) -> dict[str, Any]:
        """Return it as dicts, lists, numbers, texts and bytes, which MessagePack stores."""
        states = {name: dict(vars(getattr(self, name))) for name in ("distinct", "moments", "top")}
        # Cached properties live among the attributes, too.
        quantiles = self.quantiles
        kept = {"levels": quantiles.levels, "turns": quantiles.turns, "error": quantiles.error}
        return {**vars(self), **states, "quantiles": kept}

    @property
    def null_share(self) -> float:
        """The share of nulls, 0 of no rows."""
        return self.nulls / self.count if self.count else 0.0

    @property
    def infinities(self) -> int:
        """How many values were +∞ or −∞."""
        return self.positive_infinities + self.negative_infinities

    @property
    def present(self) -> int:
        """How many rows have a value, NaN and infinities included."""
        return self.count - self.nulls


def without_values(column: ColumnProfile) -> ColumnProfile:
    """Return a profile that says how many values there are, and none of them."""
    bare = replace(
        column, minimum=None, maximum=None, moments=Moments(), quantiles=Quantiles(), top=TopValues()
    )
    return replace(bare, kind="nested" if column.kind != "empty" else "empty")


def kind_of(dtype: pl.DataType) -> Kind:
    """Return how values of this type are profiled."""
    if dtype.is_numeric() or isinstance(dtype, pl.Duration | pl.Time):
        return "number"
    if isinstance(dtype, pl.Date | pl.Datetime):
        return "time"
    if dtype.is_nested() or isinstance(dtype, pl.Binary | pl.Object):
        return "nested"
    return "empty" if isinstance(dtype, pl.Null) else "text"


def merge_columns(profiles: Sequence[ColumnProfile]) -> ColumnProfile:
    """Return the profile of the rows of all; counts, extremes and distinct merge exactly, in any order."""
    kinds = {each.kind for each in profiles} - {"empty"}
    kind: Kind = "empty" if not kinds else kinds.pop() if len(kinds) == 1 else "mixed"
    types = {part for each in profiles for part in each.dtype.split(" | ")} - {"Null"}
    ordered = kind in _ORDERED
    lows = [each.minimum for each in profiles if each.minimum is not None] if ordered else []
    highs = [each.maximum for each in profiles if each.maximum is not None] if ordered else []
    return ColumnProfile(
        dtype=" | ".join(sorted(types)) or "Null",
        kind=kind,
        count=sum(each.count for each in profiles),
        nulls=sum(each.nulls for each in profiles),
        nans=sum(each.nans for each in profiles),
        positive_infinities=sum(each.positive_infinities for each in profiles),
        negative_infinities=sum(each.negative_infinities for each in profiles),
        minimum=min(lows, default=None),
        maximum=max(highs, default=None),
        distinct=merge_distinct([each.distinct for each in profiles]),
        moments=reduce(merge_moments, (p.moments for p in profiles), Moments()) if ordered else Moments(),
        quantiles=merge_quantiles([each.quantiles for each in profiles]) if ordered else Quantiles(),
        top=merge_top([each.top for each in profiles]),
    )


def instant_of(microseconds: float) -> datetime:
    """Return the UTC instant that many microseconds after 1970.

    >>> instant_of(1.5e6).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return _EPOCH + timedelta(microseconds=int(microseconds))


def _number(counted: ColumnProfile, values: pl.Series) -> ColumnProfile:
    whole = values.dtype.is_integer()
    present = (values.to_physical() if values.dtype.is_temporal() else values).drop_nulls()
    floats = present.cast(pl.Float64).to_numpy()
    finite = floats[np.isfinite(floats)]
    low, high = (
        (present.min(), present.max()) if whole else (finite.min(initial=np.inf), finite.max(initial=-np.inf))
    )
    return replace(
        counted,
        nans=int(np.isnan(floats).sum()),
        positive_infinities=int(np.isposinf(floats).sum()),
        negative_infinities=int(np.isneginf(floats).sum()),
        minimum=plain_number(low) if len(finite) else None,
        maximum=plain_number(high) if len(finite) else None,
        moments=Moments.of(finite),
        quantiles=Quantiles.of(finite),
    )


def without_sign_of_zero(values: pl.Series) -> pl.Series:
    """Return the column with every −0.0 as 0.0."""
    return values.set((values == 0).fill_null(False), 0.0) if values.dtype.is_float() else values


def plain_number(value: object) -> int | float:
    """Return a number that MessagePack stores."""
    # Beyond 64 bits nothing stores a whole number exactly.
    if isinstance(value, int) and -(1 << 63) <= value < 1 << 64:
        return value
    return float(value)  # type: ignore[arg-type]


def _extremes(
    values: pl.Series, kind: Kind
) -> tuple[int | float | str | None, int | float | str | None, Quantiles]:
    present = values.drop_nulls()
    if kind == "time":
        moments = present.cast(pl.Datetime("us")) if isinstance(present.dtype, pl.Date) else present
        micros = moments.dt.cast_time_unit("us").to_physical()
        low, high = int(micros.min()), int(micros.max())  # type: ignore[arg-type]
        return low, high, Quantiles.of(micros.cast(pl.Float64).to_numpy())
    if kind == "nested":
        return None, None, Quantiles()
    texts = present.cast(pl.String)
    # The beginning of the largest is the largest beginning, so cutting commutes with merging.
    return str(texts.min())[:LONGEST], str(texts.max())[:LONGEST], Quantiles()
