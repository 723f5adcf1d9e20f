"""The versions of rows that an answer saw: of the mutations that its generation held, or its stream had brought.

A mutation of the source's table was in the generation of a midnight iff it could be known before it; but one that the
stream brought after that midnight came late, and was not in the table yet when the generation was read from it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.point_in_time.clean_mutations import mutation_names, versions_of
from bighead.pipeline_lib.point_in_time.row_names import KNOWN

POSITION, ARRIVED = "__position", "__arrived"
"""Where a mutation stands in the stream's log, null of the table's; and when the log took it (UTC µs), if it did."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def told_mutations(feature_set: FeatureSet, table: pl.DataFrame, log: pl.DataFrame) -> pl.DataFrame:
    """Return the mutations of a set's table and of its stream, for `seen_versions`.

    Args:
        feature_set: A set of events that mutations tell of.
        table: The cleaned mutations of the source's table.
        log: Those of the stream's log, with `POSITION` and `ARRIVED`.
    """
    name = mutation_names(table, feature_set)
    came = log.select(name.alias("__name"), ARRIVED).group_by("__name").agg(pl.col(ARRIVED).min())
    held = table.with_columns(name.alias("__name"), pl.lit(None, pl.Int64).alias(POSITION))
    held = held.join(came, on="__name", how="left", maintain_order="left")
    return pl.concat([held.select(log.columns), log])


def seen_versions(
    feature_set: FeatureSet, mutations: pl.DataFrame, midnight: int | None, position: int
) -> pl.DataFrame:
    """Return the versions that an answer saw.

    Args:
        feature_set: Whose rows they are.
        mutations: As `told_mutations` gives them.
        midnight: Of the generation that was read, in UTC µs; None where there was none.
        position: How much of the stream's log had been applied.
    """
    held = pl.lit(False)
    if midnight is not None:
        before = _EPOCH + timedelta(microseconds=midnight)
        held = (pl.col(KNOWN) < before) & (pl.col(ARRIVED) < midnight).fill_null(True)
    streamed = pl.col(POSITION) < position
    seen = mutations.filter(pl.when(pl.col(POSITION).is_null()).then(held).otherwise(streamed))
    where = f"the source of {feature_set.name!r}"
    return versions_of(seen.drop(POSITION, ARRIVED), feature_set, where, check_images=False)
