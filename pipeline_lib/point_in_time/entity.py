"""Facts of entities: at t the newest whole snapshot counts, and a key that it lacks is missing."""

from __future__ import annotations

import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.point_in_time.clean import KNOWN, TIME
from bighead.pipeline_lib.point_in_time.kernels import AT, JoinReport

_SNAPSHOT = "__snapshot"


def look_up(rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef) -> tuple[pl.DataFrame, JoinReport]:
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
    return joined.select(ref.columns()), report
