"""Facts of entities: at t the newest whole snapshot counts, or the row that is valid, and a key without is missing."""

from __future__ import annotations

import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.point_in_time.clean import KNOWN, TIME, UNTIL
from bighead.pipeline_lib.point_in_time.kernels import AT, Joined, JoinReport
from bighead.pipeline_lib.point_in_time.witness import Seen

_SNAPSHOT, _ROW, _FOUND = "__snapshot", "__row", "__found"


def look_up(rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef, *, seen: bool) -> Joined:
    """Return the facts of each question, a row of the set's keys and `__at` (UTC µs).

    A snapshot of day D counts from the end of D + landing on, that instant included: it tells of nothing
    later than its day. Older snapshots are never asked for a key that the newest one lacks. Of intervals the one
    counts that began before t and has not ended before t, ≤ for both where the set's boundary is inclusive.
    """
    joined = _valid(rows, questions, ref) if ref.set.source.retracts else _newest(rows, questions, ref)
    report = JoinReport(rows=questions.height, matched_rows=int(joined[_FOUND].sum() or 0))
    values = joined.select(ref.columns())
    if not seen:
        return Joined(values, report)
    # A fact is as old as its snapshot's day, or its validity; a null tells of nothing.
    day = pl.col(_SNAPSHOT).dt.epoch("us")
    times = joined.select(pl.when(pl.col(name).is_not_null()).then(day).alias(name) for name in ref.columns())
    return Joined(values, report, Seen(times, {name: name for name in ref.columns()}))


def _facts(ref: FeatureRef) -> list[pl.Expr]:
    facts = [pl.col(f.column).alias(ref.output(f)) for f in ref.features]
    return [pl.col(TIME).alias(_SNAPSHOT), *facts, pl.lit(True).alias(_FOUND)]


def _newest(rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef) -> pl.DataFrame:
    keys = list(ref.set.keys)
    snapshots = rows.select(pl.col(KNOWN), pl.col(TIME).alias(_SNAPSHOT)).unique().sort(KNOWN, _SNAPSHOT)
    dated = questions.with_row_index(_ROW).sort(AT, maintain_order=True)
    dated = dated.join_asof(snapshots, left_on=AT, right_on=KNOWN, strategy="backward").sort(_ROW)
    right = rows.select(*keys, *_facts(ref))
    return dated.join(right, on=[*keys, _SNAPSHOT], how="left", maintain_order="left")


def _valid(rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef) -> pl.DataFrame:
    """The intervals of one key do not overlap, so that the one which began last holds, or none does."""
    keys, inclusive = list(ref.set.keys), ref.set.boundary == "inclusive"
    dated = questions.with_row_index(_ROW).sort(AT, maintain_order=True)
    right = rows.select(*keys, KNOWN, UNTIL, *_facts(ref)).drop_nulls(keys).sort(KNOWN)
    joined = dated.join_asof(
        right,
        left_on=AT,
        right_on=KNOWN,
        by=keys,
        strategy="backward",
        allow_exact_matches=inclusive,
        check_sortedness=False,
    ).sort(_ROW)
    over = (pl.col(UNTIL) <= pl.col(AT)) if inclusive else (pl.col(UNTIL) < pl.col(AT))
    told = [_SNAPSHOT, _FOUND, *ref.columns()]
    return joined.with_columns(
        pl.when(~over.fill_null(False)).then(pl.col(name)).alias(name) for name in told
    )
