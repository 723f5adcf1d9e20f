"""Facts of entities: at t the newest whole snapshot counts, and a key that it lacks is missing."""

from __future__ import annotations

import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.point_in_time.clean import KNOWN, TIME
from bighead.pipeline_lib.point_in_time.kernels import AT, Joined, JoinReport
from bighead.pipeline_lib.point_in_time.witness import Seen

_SNAPSHOT = "__snapshot"


def look_up(rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef, *, seen: bool) -> Joined:
    """Return the facts of each question, a row of the set's keys and `__at` (UTC µs).

    A snapshot of day D counts from the end of D + landing on, that instant included: it tells of nothing
    later than its day. Older snapshots are never asked for a key that the newest one lacks.
    """
    keys = list(ref.set.keys)
    facts = [pl.col(f.column).alias(ref.output(f)) for f in ref.features]
    snapshots = rows.select(pl.col(KNOWN), pl.col(TIME).alias(_SNAPSHOT)).unique().sort(KNOWN, _SNAPSHOT)
    dated = questions.with_row_index("__row").sort(AT, maintain_order=True)
    dated = dated.join_asof(snapshots, left_on=AT, right_on=KNOWN, strategy="backward").sort("__row")
    right = rows.select(*keys, pl.col(TIME).alias(_SNAPSHOT), *facts, pl.lit(True).alias("__found"))
    joined = dated.join(right, on=[*keys, _SNAPSHOT], how="left", maintain_order="left")
    report = JoinReport(rows=questions.height, matched_rows=int(joined["__found"].sum() or 0))
    values = joined.select(ref.columns())
    if not seen:
        return Joined(values, report)
    # A fact is as old as its snapshot's day; a null tells of nothing.
    day = pl.col(_SNAPSHOT).dt.epoch("us")
    times = joined.select(pl.when(pl.col(name).is_not_null()).then(day).alias(name) for name in ref.columns())
    return Joined(values, report, Seen(times, {name: name for name in ref.columns()}))
