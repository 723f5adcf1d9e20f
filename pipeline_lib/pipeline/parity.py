"""Proves that the native plan answers as the Python pipeline does: on sample rows, and on rows made to hurt.

Each input in turn is missing, NaN, infinite, huge, empty or never seen before, while the others stay as sampled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.pipeline.dtypes import polars_type
from bighead.pipeline_lib.pipeline.schema import InputType

FUZZED_ROWS = 256
# Doubles may differ in the last places, since `exp` is another library's; single floats come out bit for bit.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
HARD: dict[str, list[Any]] = {
    "float64": [None, float("nan"), float("inf"), float("-inf"), 1e300, -1e300, 1e39, 0.0, -0.0, 5e-324],
    "int64": [None, 0, -1, 2**63 - 1, -(2**63), 2**53 + 1],
    "bool": [None, True, False],
    "string": [None, "", " ", "never seen", "ünïcødé 𝄞", "null", "a" * 1000],
}


def fuzzed(sample: pl.DataFrame, inputs: Sequence[InputType], nullable: Mapping[str, bool]) -> pl.DataFrame:
    """Return rows of the inputs with one hard value each, then rows of hard values only.

    Args:
        sample: Rows of the inputs as the types a pipeline calculates with; at least one.
        inputs: The inputs.
        nullable: Inputs that may be missing, by name; by default all may.
    """
    hard = {each.name: _allowed(each, nullable.get(each.name, True)) for each in inputs}
    changed = [(name, value) for name, values in hard.items() for value in values]
    extra = min(FUZZED_ROWS, 4 * len(changed))
    random = np.random.default_rng(0)
    base = sample[random.integers(0, sample.height, len(changed) + extra).tolist()]
    columns = []
    for each in inputs:
        # Hard times are numbers that Python's have no words for.
        held = polars_type(each.slot)
        values = base[each.name].cast(held).to_list()
        for row, (name, value) in enumerate(changed):
            if name == each.name:
                values[row] = value
        picks = random.integers(0, len(hard[each.name]), extra)
        values[len(changed) :] = [hard[each.name][pick] for pick in picks]
        columns.append(pl.Series(each.name, values, dtype=held).cast(polars_type(each.dtype)))
    return pl.DataFrame(columns)


def _allowed(each: InputType, nullable: bool) -> list[Any]:
    values = HARD.get(each.slot, [None])
    missing = (value is None or value != value for value in values)
    return [value for value, lacks in zip(values, missing, strict=True) if nullable or not lacks]


def largest_difference(expected: pl.DataFrame, seen: pl.DataFrame) -> tuple[float, str | None]:
    """Return the largest |Δ| between answers, and where they differ by more than rounding; missing equals missing.

    >>> largest_difference(pl.DataFrame({"p": [0.5, None]}), pl.DataFrame({"p": [0.5, float("nan")]}))
    (0.0, None)
    """
    largest = 0.0
    for want, have in zip(expected, seen, strict=True):
        if pl.String in (want.dtype, have.dtype):
            odd = next(
                (at for at, pair in enumerate(zip(want, have, strict=True)) if pair[0] != pair[1]), None
            )
            if odd is not None:
                seen_as = f"{want[odd]!r} in Python, {have[odd]!r} native"
                return float("inf"), f"row {odd}: {want.name!r} is {seen_as}"
            continue
        left, right = _numbers(want), _numbers(have)
        same = (left == right) | (np.isnan(left) & np.isnan(right))
        with np.errstate(invalid="ignore", over="ignore"):
            off = np.where(same, 0.0, np.abs(left - right))
            close = same | (off <= ABSOLUTE + RELATIVE * np.abs(left))
        close &= np.isfinite(left) == np.isfinite(right)
        if not close.all():
            row = int(np.argmin(close))
            return float(off[row]), f"row {row}: {want.name!r} is {left[row]} in Python, {right[row]} native"
        largest = max(largest, float(off.max(initial=0.0)))
    return largest, None


def _numbers(series: pl.Series) -> np.ndarray[Any, Any]:
    return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
