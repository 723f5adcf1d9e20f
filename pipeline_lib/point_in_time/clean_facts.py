"""Facts of entities become cleaned rows: snapshots of days or hours, or intervals in which a row is valid."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from bighead.pipeline_lib.errors import DataError, EventTimeError, SchemaError, quoted
from bighead.pipeline_lib.expressions import collect
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import EntitySource
from bighead.pipeline_lib.point_in_time.row_names import KNOWN, TIME, UNTIL
from bighead.pipeline_lib.point_in_time.source_columns import require
from bighead.pipeline_lib.point_in_time.times import check_instants, utc


def clean_facts(
    rows: pl.LazyFrame, feature_set: FeatureSet, source: EntitySource, where: str
) -> pl.DataFrame:
    """Return the cleaned rows of snapshots or of intervals.

    Raises:
        SchemaError, EventTimeError: a column lacks, or is no time.
        DataError: a key stands twice in a snapshot, or has intervals that overlap.
    """
    if source.valid_from is not None and source.valid_to is not None:
        return _intervals(rows, feature_set, source, (source.valid_from, source.valid_to), where)
    return _snapshots(rows, feature_set, source, where)


def _inputs(feature_set: FeatureSet) -> list[str]:
    return [column for column in feature_set.inputs if column not in feature_set.keys]


def _snapshots(rows: pl.LazyFrame, feature_set: FeatureSet, source: EntitySource, where: str) -> pl.DataFrame:
    schema = rows.collect_schema()
    needed = list(dict.fromkeys([*feature_set.keys, source.snapshot, *feature_set.inputs]))
    require(schema, needed, where)
    raw = collect(rows.select(needed), where)
    ended = _begun(raw, source, where) + source.span
    cleaned = raw.select(*feature_set.keys, *_inputs(feature_set)).with_columns(
        ended.alias(TIME), (ended + timedelta(microseconds=source.landing_us)).alias(KNOWN)
    )
    doubled = cleaned.filter(pl.struct([*feature_set.keys, TIME]).is_duplicated())
    if doubled.height:
        seen = doubled.select(feature_set.keys).row(0)
        raise DataError(
            f"the key {seen} stands {doubled.height} times in one snapshot of {where}.",
            cure=f"A snapshot has one row for each {quoted(feature_set.keys)}.",
        )
    return cleaned.select(*feature_set.keys, TIME, KNOWN, *_inputs(feature_set))


def snapshot_times(text: pl.Expr, source: EntitySource) -> pl.Expr:
    """Return the days (dates) or hours (naive, of UTC) that text names; null where it names none."""
    if source.every == "1d":
        return text.str.to_date("%Y-%m-%d", strict=False)
    return text.str.to_datetime("%Y-%m-%d-%H:%M", time_unit="us", strict=False)


def _begun(raw: pl.DataFrame, source: EntitySource, where: str) -> pl.Series:
    """Return when the day or hour of each row's snapshot began, in UTC.

    Raises:
        EventTimeError: it is null, naive or no time there is.
        SchemaError: it is neither a day nor a whole hour.
    """
    seen, daily = raw[source.snapshot], source.every == "1d"
    if seen.null_count():
        raise EventTimeError(
            f"{seen.name!r} of {where} is null in {seen.null_count()} rows.", cure="Fill it in."
        )
    told = "days" if daily else "whole hours"
    error = SchemaError(
        f"the snapshot {seen.name!r} of {where} is {seen.dtype}, and not {told} throughout.",
        cure="Expected dates, or text as '2013-01-01'."
        if daily
        else "Expected timestamps of whole hours, or text as '2013-01-01-13:00'.",
    )
    time = pl.col(seen.name)
    if isinstance(seen.dtype, pl.String):
        time = snapshot_times(time, source).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    elif daily and isinstance(seen.dtype, pl.Date | pl.Datetime):
        time = time.cast(pl.Date).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    elif isinstance(seen.dtype, pl.Datetime):
        time = utc(seen.name, seen.dtype, where, source.timezone, source.fold)
    else:
        raise error
    begun = raw.select(time).to_series()
    if not daily and isinstance(seen.dtype, pl.Datetime):
        check_instants(seen, begun, where, source.timezone)
    if begun.null_count() or (begun.dt.truncate("1h") != begun).any():
        raise error
    return begun


def _intervals(
    rows: pl.LazyFrame, feature_set: FeatureSet, source: EntitySource, ends: tuple[str, str], where: str
) -> pl.DataFrame:
    schema, keys = rows.collect_schema(), list(feature_set.keys)
    needed = list(dict.fromkeys([*keys, *ends, *feature_set.inputs]))
    require(schema, needed, where)
    begins, closes = (utc(name, schema[name], where, source.timezone, source.fold) for name in ends)
    raw = collect(rows.select(needed), where)
    times = raw.select(begins.alias(TIME), closes.alias(UNTIL))
    closed = raw[ends[1]].is_not_null()
    check_instants(raw[ends[0]], times[TIME], where, source.timezone)
    check_instants(raw[ends[1]].filter(closed), times[UNTIL].filter(closed), where, source.timezone)
    cleaned = raw.select(*keys, *_inputs(feature_set)).with_columns(
        times[TIME], times[TIME].alias(KNOWN), times[UNTIL]
    )
    cleaned = cleaned.select(*keys, TIME, KNOWN, UNTIL, *_inputs(feature_set))
    _check_overlaps(cleaned, keys, where)
    # An interval of no length holds at no time.
    return cleaned.filter((pl.col(UNTIL) > pl.col(TIME)).fill_null(True))


def _check_overlaps(rows: pl.DataFrame, keys: list[str], where: str) -> None:
    backwards = rows.filter(pl.col(UNTIL) < pl.col(TIME))
    if backwards.height:
        first = backwards.row(0, named=True)
        raise DataError(
            f"{backwards.height} rows of {where} end before they begin: the key"
            f" {tuple(first[key] for key in keys)} is valid {_interval(first)}.",
            cure="valid_to is the time from which on a row is no longer valid.",
        )
    filled = rows.filter((pl.col(UNTIL) > pl.col(TIME)).fill_null(True)).sort(
        *keys, TIME, UNTIL, nulls_last=True
    )
    after = filled.with_columns(
        pl.col(TIME).shift(-1).over(keys).alias("__next"), pl.col(UNTIL).shift(-1).over(keys).alias("__end")
    )
    both = after.filter(pl.col("__next").is_not_null() & (pl.col("__next") < pl.col(UNTIL)).fill_null(True))
    if both.height:
        first = both.row(0, named=True)
        other = _interval({TIME: first["__next"], UNTIL: first["__end"]})
        raise DataError(
            f"{both.height} rows of {where} overlap: the key {tuple(first[key] for key in keys)} is valid"
            f" {_interval(first)} and {other}.",
            cure="At any time one row of a key is valid: close the first where the second begins.",
        )


def _interval(row: dict[str, object]) -> str:
    end = "for ever" if row[UNTIL] is None else f"to {row[UNTIL]}"
    return f"from {row[TIME]} {end}"
