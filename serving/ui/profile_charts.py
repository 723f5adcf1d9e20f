"""The pictures of stored profiles: how values are distributed, and what a share or a count did day by day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from bighead.pipeline_lib.features.batch_grain import DAILY, grain_of_key
from bighead.pipeline_lib.profiles.column import ColumnProfile, instant_of
from bighead.serving.ui.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    Bar,
    Chart,
    Dot,
    Tick,
    path,
    sampled,
)

_BINS = 32
# The last half percent on either side would press all the rest together.
_TAIL = 0.005
_MOST_BARS = 10
_DAY = 86_400
# Hours within fewer days are told by their own names.
_FEW_DAYS = 4


def distribution(name: str, column: ColumnProfile) -> Chart | None:
    """Return a column's values as a stair of shares; None where there is nothing to draw.

    Between the half percent on either side; the caption says how far the values really reach.
    """
    n = column.quantiles.count
    edges = _edges(column)
    if column.kind not in ("number", "time") or len(edges) < 2:
        return None
    inner = [math.nextafter(edges[0], -math.inf), *edges[1:]]
    shares = (np.diff(column.quantiles.ranks(inner)) / n).tolist()
    x_axis = Axis(edges[0], edges[-1], LEFT, WIDTH - RIGHT)
    y_axis = Axis(0.0, max(shares) * 108 or 1.0, HEIGHT - BOTTOM, TOP)
    is_time = column.kind == "time"
    bins = list(zip(edges, edges[1:], shares, strict=False))
    stairs = [(x_axis.at(x), y_axis.at(share * 100)) for low, high, share in bins for x in (low, high)]
    line = [(stairs[0][0], y_axis.at(0)), *stairs, (stairs[-1][0], y_axis.at(0))]
    dots = tuple(
        Dot(
            x_axis.at((low + high) / 2),
            y_axis.at(share * 100),
            f"{shown(low, is_time)} to {shown(high, is_time)}: {share:.1%}",
            3,
            "sample",
        )
        for low, high, share in bins
    )
    return Chart(
        name=name,
        caption=f"{n:,} values from {shown(column.minimum, is_time)} to {shown(column.maximum, is_time)}.",
        x_label="time (UTC)" if is_time else "value",
        y_label="% of the values",
        x_ticks=_time_ticks(x_axis) if is_time else x_axis.ticks(),
        y_ticks=y_axis.ticks(4),
        line=path(line),
        area=path(line) + "Z",
        reference="",
        dots=dots,
    )


def _edges(column: ColumnProfile) -> list[float]:
    low, high = column.quantiles.quantile(_TAIL), column.quantiles.quantile(1 - _TAIL)
    if low is None or high is None or column.minimum == column.maximum:
        return []
    if low == high:
        low, high = float(column.minimum or 0), float(column.maximum or 0)
    whole = column.kind == "number" and "Int" in column.dtype and high - low < _BINS
    if whole:
        # A bin for each whole number, around it.
        return [low - 0.5 + step for step in range(int(high - low) + 2)]
    return [float(each) for each in np.linspace(low, high, _BINS + 1)]


def over_days(
    name: str, caption: str, y_label: str, points: Sequence[tuple[str, float]], titles: Sequence[str]
) -> Chart | None:
    """Return what a number did over partitions (days or hours), as a line; None of fewer than two."""
    if len(points) < 2:
        return None
    grain = grain_of_key(points[0][0])
    days = [grain.start(grain.parse(day)).timestamp() / _DAY for day, _ in points]
    x_axis = Axis(days[0], days[-1], LEFT, WIDTH - RIGHT)
    y_axis = Axis(0.0, max(value for _, value in points) * 1.08 or 1.0, HEIGHT - BOTTOM, TOP)
    placed = [(x_axis.at(day), y_axis.at(value)) for day, (_, value) in zip(days, points, strict=True)]
    # Not at the very ends, where labels would run out of the drawing.
    places = [days[0] + (days[-1] - days[0]) * share for share in (0.06, 0.35, 0.65, 0.94)]
    by_day = grain is DAILY or days[-1] - days[0] > _FEW_DAYS
    ticks = sorted({float(round(each)) if by_day else each for each in places})
    form = "%m-%d" if by_day else "%d %H:%M"
    floor = y_axis.at(0)
    return Chart(
        name=name,
        caption=caption,
        x_label=f"{grain.noun} (UTC)",
        y_label=y_label,
        x_ticks=tuple(Tick(x_axis.at(each), _instant(each * _DAY * 1e6).strftime(form)) for each in ticks),
        y_ticks=y_axis.ticks(4),
        line=path(placed),
        area=path([(placed[0][0], floor), *placed, (placed[-1][0], floor)]) + "Z",
        reference="",
        dots=tuple(Dot(*placed[index], titles[index], 3, "sample") for index in sampled(len(placed), 60)),
    )


def commonest(column: ColumnProfile) -> tuple[Bar, ...]:
    """Return the commonest values as bars, with their share of the rows that have one."""
    top = column.top.largest(_MOST_BARS)
    longest = top[0][1] if top else 1
    about = "≥ " if column.top.error else ""
    return tuple(
        Bar(
            value or "(empty)",
            round(count / longest * 100, 2),
            f"{about}{count / max(column.present, 1):.1%}",
        )
        for value, count in top
    )


def shown(value: float | str | None, is_time: bool = False) -> str:
    """Return a value as people read it.

    >>> shown(1234567.0), shown(0.123456), shown(3), shown(None), shown(0, True)
    ('1,234,567', '0.1235', '3', '–', '1970-01-01 00:00')
    """
    if value is None or isinstance(value, str):
        return value or "–"
    if is_time:
        return _instant(value).strftime("%Y-%m-%d %H:%M")
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.1f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def _instant(micros: float) -> datetime:
    return instant_of(micros)


def _time_ticks(axis: Axis) -> tuple[Tick, ...]:
    within_days = axis.high - axis.low < 3 * 86_400e6
    form = "%d %H:%M" if within_days else "%Y-%m-%d"
    places = [axis.low + (axis.high - axis.low) * share for share in (0.1, 0.5, 0.9)]
    return tuple(Tick(axis.at(place), _instant(place).strftime(form)) for place in places)
