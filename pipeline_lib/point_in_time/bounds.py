"""Windows of the calendar become two columns of the questions: the kernel knows no zones."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from bighead.pipeline_lib.features.calendar_span import CalendarSpan
from bighead.pipeline_lib.features.window import DAY, Window

Columns = dict[CalendarSpan, tuple[str, str | None]]


def with_bounds(questions: pl.DataFrame, windows: Iterable[Window], at: str) -> tuple[pl.DataFrame, Columns]:
    """Add the bounds (µs) of each calendar window at the times `at`; return where each span's start and end stand.

    An end is None where the window ends at the question itself.

    Raises:
        EventTimeError: a question outside the years 2 to 9998.
    """
    spans = dict.fromkeys(window.span for window in windows if window.span is not None)
    if not spans:
        return questions, {}
    times, columns = questions[at].dt.epoch("us"), Columns()
    added: list[pl.Series] = []
    for place, span in enumerate(spans):
        start, end = calendar_bounds(times, span)
        names = (f"__start_{place}", None if end is None else f"__end_{place}")
        added += [
            each.alias(name)
            for each, name in zip((start, end), names, strict=True)
            if each is not None and name
        ]
        columns[span] = names
    return questions.with_columns(added), columns


def calendar_bounds(times: pl.Series, span: CalendarSpan) -> tuple[pl.Series, pl.Series | None]:
    """Return start and end of a span's window for each of `times`, all in µs; no end where that is t itself."""
    units = {
        instant: unit
        for day in (times // DAY).unique()
        for instant, unit in span.units_near(day).items()
    }  # fmt: skip
    begins = sorted(units)
    bounds = [span.bounds(units[instant]) for instant in begins]
    place = pl.Series(begins, dtype=pl.Int64).search_sorted(times, side="right") - 1
    start = pl.Series([start for start, _ in bounds], dtype=pl.Int64).gather(place)
    end = None if span.count > 0 else pl.Series([end for _, end in bounds], dtype=pl.Int64).gather(place)
    return start, end
