"""Time columns become UTC microseconds: naive ones by their zone, finer ones floored."""

from __future__ import annotations

import polars as pl

from bighead.pipeline_lib.errors import EventTimeError, SchemaError

UTC_MICROSECONDS = pl.Datetime("us", "UTC")
# No zone has ever skipped as much at once, so this far from a gap the offset is that of before, or after.
_BEYOND_A_GAP = pl.duration(hours=25)


def utc(
    column: str, dtype: pl.DataType, where: str, timezone: str | None = None, fold: str | None = None
) -> pl.Expr:
    """Return the expression that makes a time column UTC microseconds; null for a local time without instant.

    `fold` says which instant an ambiguous local time means (`earliest`, `latest`) and with which offset, that
    of before or after, a nonexistent one is read.

    Raises:
        SchemaError: the column holds no times.
        EventTimeError: it is naive, and no zone is given.
    """
    if not isinstance(dtype, pl.Datetime | pl.Date):
        raise SchemaError(
            f"the column {column!r} of {where} is {dtype}, not a time.",
            cure=f'Parse it: select={{"{column}": "CAST({column} AS TIMESTAMP)"}}.',
        )
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return pl.col(column) if dtype == UTC_MICROSECONDS else pl.col(column).cast(UTC_MICROSECONDS)
    if timezone is None:
        raise EventTimeError(
            f"the column {column!r} of {where} is naive: it does not say in which zone its clock stood.",
            cure='Give the source its timezone="…", as "UTC" or "America/New_York".',
        )
    local = pl.col(column).cast(pl.Datetime("us"))
    return _from_local(local, timezone, fold).cast(UTC_MICROSECONDS)


def _from_local(local: pl.Expr, timezone: str, fold: str | None) -> pl.Expr:
    if fold is None:
        return local.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    which = pl.lit(fold)
    exact = local.dt.replace_time_zone(timezone, ambiguous=which, non_existent="null")
    away = -_BEYOND_A_GAP if fold == "earliest" else _BEYOND_A_GAP
    shifted = (local + away).dt.replace_time_zone(timezone, ambiguous=which, non_existent="null")
    return pl.coalesce(exact, shifted.dt.convert_time_zone("UTC").dt.convert_time_zone(timezone) - away)


def check_instants(raw: pl.Series, converted: pl.Series, where: str, timezone: str | None) -> None:
    """Refuse times that are null, and local times that the zone's clocks showed twice or never.

    Raises:
        EventTimeError: how many, and the first ones.
    """
    nulls = raw.null_count()
    if nulls:
        raise EventTimeError(
            f"{raw.name!r} of {where} is null in {nulls} of {len(raw)} rows.",
            cure=f'Leave them out, where="{raw.name} IS NOT NULL", or give them a time.',
        )
    lost = raw.filter(converted.is_null())
    if len(lost):
        examples = ", ".join(str(each) for each in lost.unique().sort().head(3))
        raise EventTimeError(
            f"{len(lost)} times {raw.name!r} of {where} are ambiguous or nonexistent in {timezone}:"
            f" {examples}.",
            cure="Say which instant is meant: fold='earliest' or fold='latest', or store UTC.",
        )


def check_question_times(left: pl.DataFrame, timestamp: str) -> pl.Series:
    """Return the questions' times as UTC microseconds.

    Raises:
        SchemaError: no such column, or it holds no times.
        EventTimeError: it is naive, or null somewhere.
    """
    if timestamp not in left.columns:
        raise SchemaError.columns("the left table", seen=left.columns, expected=[timestamp])
    converted = left.select(utc(timestamp, left.schema[timestamp], "the left table")).to_series()
    check_instants(left[timestamp], converted, "the left table", None)
    return converted
