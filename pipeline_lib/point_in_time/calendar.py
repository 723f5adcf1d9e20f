"""Facts of the calendar: fields of t + shift on the clocks of a zone; no table, no key, no leak."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import CalendarSource

_FIELDS = {
    "hour": lambda local: local.dt.hour(),
    "weekday": lambda local: local.dt.weekday(),
    "month": lambda local: local.dt.month(),
    "day_of_year": lambda local: local.dt.ordinal_day(),
    "minute_of_day": lambda local: local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute(),
}


def calendar_facts(times: pl.Series, ref: FeatureRef, source: CalendarSource) -> pl.DataFrame:
    """Return the wanted fields, Int64, for each time (UTC µs)."""
    local = (times + timedelta(microseconds=source.shift_us)).dt.convert_time_zone(source.timezone)
    return pl.DataFrame([_FIELDS[f.column](local).cast(pl.Int64).alias(ref.output(f)) for f in ref.features])
