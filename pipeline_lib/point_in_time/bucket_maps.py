"""Results split by a bucket: the kernel is asked about (key, bucket), and a question gathers its buckets in a map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from bighead.pipeline_lib.features.operations import OPERATIONS
from bighead.pipeline_lib.point_in_time.elements import BUCKET
from bighead.pipeline_lib.point_in_time.kernels import Call, Joined, JoinReport
from bighead.pipeline_lib.point_in_time.witness import Seen

# So many pairs of a question and a bucket are asked about at once, so that memory stays bounded.
AT_ONCE = 4_000_000
_ROW = "__row"


def join_by_bucket(events: pl.DataFrame, questions: pl.DataFrame, call: Call) -> Joined:
    """Return a map from bucket to value for each question, sorted by bucket; null where it would be empty.

    A question is asked about the buckets that its key has at any time. A bucket without a value, or in whose
    window nothing is, is left out.
    """
    buckets = events.select(*call.keys, BUCKET).unique().sort(BUCKET)
    within = replace(call, keys=[*call.keys, BUCKET])
    parts = []
    for some in _portions(questions.with_row_index(_ROW), buckets, call.keys):
        asked = some.join(buckets, on=call.keys, how="inner", maintain_order="left_right")
        joined = within.run(events, asked)
        parts.append(_gathered(some.select(_ROW), asked.select(_ROW, BUCKET), joined, call))
    return _one_after_another(parts)


def _portions(questions: pl.DataFrame, buckets: pl.DataFrame, keys: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield runs of questions that ask about so many buckets at once as memory allows, and at least one run."""
    counts = buckets.group_by(keys).agg(pl.len().alias("__asked"))
    sizes = questions.join(counts, on=keys, how="left", maintain_order="left")["__asked"].fill_null(0)
    portion = sizes.cast(pl.Int64).cum_sum() // AT_ONCE
    if portion.is_empty() or portion[-1] == 0:
        yield questions
        return
    yield from questions.with_columns(portion.alias("__portion")).partition_by(
        "__portion", maintain_order=True, include_key=False
    )


def _gathered(rows: pl.DataFrame, asked: pl.DataFrame, joined: Joined, call: Call) -> Joined:
    wide, columns = asked.hstack(joined.values), []
    for feature in call.features:
        name, made = call.ref.output(feature), feature.aggregation
        value = pl.col(name)
        there = value.is_not_null()
        if made is not None and OPERATIONS[made.operation].zero:
            there = there & (value != 0)
        entry = pl.struct(pl.col(BUCKET).alias("key"), value.alias("value"))
        maps = wide.filter(there).group_by(_ROW, maintain_order=True).agg(entry.alias(name))
        columns.append(rows.join(maps, on=_ROW, how="left", maintain_order="left")[name])
    # The kernel counted pairs; a question counts where any of its buckets has a value.
    values = pl.DataFrame(columns)
    matched = values.select(pl.any_horizontal(pl.all().is_not_null()).sum()).item()
    report = replace(joined.report, rows=rows.height, matched_rows=int(matched))
    return Joined(values, report, joined.seen and _seen(rows, asked, joined.seen))


def _seen(rows: pl.DataFrame, asked: pl.DataFrame, seen: Seen) -> Seen:
    """What contributed in any bucket: counts add up, and the newest time is the newest of all."""
    wide = asked.select(_ROW).hstack(seen.columns)
    of_all = pl.all().sum() if seen.counted else pl.all().max()
    found = wide.group_by(_ROW).agg(of_all)
    columns = rows.join(found, on=_ROW, how="left", maintain_order="left").drop(_ROW)
    return replace(seen, columns=columns)


def _one_after_another(parts: Sequence[Joined]) -> Joined:
    if len(parts) == 1:
        return parts[0]
    reports, seens = [each.report for each in parts], [each.seen for each in parts if each.seen is not None]
    overflow: dict[str, int] = {}
    non_finite: dict[str, int] = {}
    for report in reports:
        overflow |= {name: n + overflow.get(name, 0) for name, n in report.overflow.items()}
        non_finite |= {name: max(n, non_finite.get(name, 0)) for name, n in report.non_finite.items()}
    report = JoinReport(
        rows=sum(each.rows for each in reports),
        matched_rows=sum(each.matched_rows for each in reports),
        non_finite=non_finite,
        overflow=overflow,
    )
    seen = replace(seens[0], columns=pl.concat([each.columns for each in seens])) if seens else None
    return Joined(pl.concat([each.values for each in parts]), report, seen)
