"""Where things lie in a drawing: the geometry of curves and bars, in SVG user units, as frozen values.

The templates only write it down, so every number of a picture can be tested without a browser.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

WIDTH, HEIGHT = 480, 310
LEFT, RIGHT, TOP, BOTTOM = 60, 12, 10, 46
_DOTS: Final = 24


@dataclass(frozen=True)
class Tick:
    """A mark on an axis at `at`, and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Dot:
    """A point that tells its values when pointed at."""

    x: float
    y: float
    title: str
    radius: float = 3
    kind: Literal["point", "sample"] = "point"


@dataclass(frozen=True)
class Chart:
    """A drawing with two axes: a line, an area under it, a reference, and dots with tooltips.

    `rival` is a second line to compare with; `names` then says what either is.
    """

    name: str
    caption: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    line: str
    area: str
    reference: str
    dots: tuple[Dot, ...]
    rival: str = ""
    names: tuple[str, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Bar:
    """A horizontal bar: its `length` of 100, and what it stands for."""

    label: str
    length: float
    text: str


@dataclass(frozen=True)
class Axis:
    """Maps values from `low` to `high` onto user units from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where `value` lies, to a tenth of a unit, kept inside the axis."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return round(self.start + min(max(share, 0.0), 1.0) * (self.end - self.start), 1)

    def ticks(self, count: int = 5) -> tuple[Tick, ...]:
        """Return round values along the axis.

        >>> [tick.label for tick in Axis(0, 1, 0, 100).ticks()]
        ['0', '0.2', '0.4', '0.6', '0.8', '1']
        """
        step = nice_step((self.high - self.low) / count)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        values = (index * step for index in range(first, last + 1))
        return tuple(Tick(self.at(value), f"{round(value, 10):g}") for value in values)


def nice_step(rough: float) -> float:
    """Return the smallest of 1, 2, 5 × a power of ten that is no less than `rough`.

    >>> nice_step(0.14), nice_step(0.2), nice_step(300)
    (0.2, 0.2, 500.0)
    """
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(round(power * m, 12) for m in (1, 2, 5, 10) if power * m >= rough * (1 - 1e-9))


def path(points: Iterable[tuple[float, float]]) -> str:
    """Return SVG path data through points; a point equal to the one before is left out.

    >>> path([(0, 0), (0, 0), (1.5, 2)])
    'M0 0L1.5 2'
    """
    kept: list[tuple[float, float]] = []
    for point in points:
        if not kept or kept[-1] != point:
            kept.append(point)
    return "".join(f"{'L' if index else 'M'}{x:g} {y:g}" for index, (x, y) in enumerate(kept))


def sampled(count: int, limit: int = _DOTS) -> list[int]:
    """Return at most `limit` indexes spread over `count`, first and last among them.

    >>> sampled(3), sampled(100, 3)
    ([0, 1, 2], [0, 50, 99])
    """
    if count <= limit:
        return list(range(count))
    return sorted({round(index * (count - 1) / (limit - 1)) for index in range(limit)})


def axes(highest: float = 1.0) -> tuple[Axis, Axis]:
    """Return the two axes of a drawing, x from 0 to 1 and y from 0 upwards to `highest`."""
    return Axis(0.0, 1.0, LEFT, WIDTH - RIGHT), Axis(0.0, highest, HEIGHT - BOTTOM, TOP)


def curve(
    name: str,
    caption: str,
    labels: tuple[str, str],
    points: Sequence[tuple[float, float]],
    titles: Sequence[str],
    *,
    reference: Sequence[tuple[float, float]] = (),
    filled: bool = True,
    radii: Sequence[float] | None = None,
) -> Chart:
    """Return the drawing of a curve over the unit square, with a dot at a sample of its points."""
    x_axis, y_axis = axes()
    placed = [(x_axis.at(x), y_axis.at(y)) for x, y in points]
    floor = y_axis.at(0)
    area = path([(placed[0][0], floor), *placed, (placed[-1][0], floor)]) + "Z" if placed and filled else ""
    chosen = sampled(len(placed))
    # Under a dense curve the dots only appear where one points.
    kind: Literal["point", "sample"] = "sample" if filled else "point"
    sizes = radii or [3.0] * len(placed)
    return Chart(
        name=name,
        caption=caption,
        x_label=labels[0],
        y_label=labels[1],
        x_ticks=x_axis.ticks(),
        y_ticks=y_axis.ticks(),
        line=path(placed),
        area=area,
        reference=path((x_axis.at(x), y_axis.at(y)) for x, y in reference),
        dots=tuple(Dot(*placed[index], titles[index], round(sizes[index], 1), kind) for index in chosen),
    )


def bars(values: Sequence[tuple[str, float]], limit: int) -> tuple[Bar, ...]:
    """Return the largest `limit` values as bars, longest first; shares are of the sum of all."""
    total = sum(value for _, value in values if value > 0) or 1.0
    ordered = sorted(values, key=lambda item: (-item[1], item[0]))[:limit]
    longest = max((value for _, value in ordered), default=0.0) or 1.0
    return tuple(
        Bar(label, round(max(value, 0.0) / longest * 100, 2), f"{max(value, 0.0) / total:.1%}")
        for label, value in ordered
    )
