"""An aggregation: one operation over one input column, in any number of windows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.naming import check_columns, check_name
from bighead.pipeline_lib.features.operations import OPERATIONS, Operation, parse_operation, short_form
from bighead.pipeline_lib.features.window import Window, duration

LARGEST_K = 1_000_000


@dataclass(frozen=True, init=False)
class Aggregation:
    """`operation` over `column` in each of `windows`; without windows, over all the past.

    Args:
        column: An input of the source. A list counts element by element, a map (a struct, or a list of
            `{key, value}`) key by key; null elements are skipped.
        operation: `sum`, `last_k`, …; `last_5` is `last_k` with k=5, `p99` is `percentile` with quantiles=[0.99].
        windows: `7d`, `sliding:3h`, `unbounded`, …
        k: How many, or which, for the operations that ask.
        quantiles: From 0 to 1, for `percentile`.
        half_life: For `decayed_sum`: the duration in which a weight halves, as `3d`.
        buckets: Columns by whose values the result is split: it becomes a map `[{key, value}, …]` sorted by key,
            null where nothing is in it. Rows with a null bucket are skipped.
        where: SQL condition over the source's columns and select outputs: other rows do not count here.
        empty: What an empty window of a key that is not null gives, in place of null or 0.
        name: Stands in the features' names in place of the column; needed beside `where`.

    >>> Aggregation("arr_delay", "mean", windows=["3h", "7d"]).operation
    'average'
    >>> Aggregation("dest", "last_5") == Aggregation("dest", "last_k", k=5)
    True

    Raises:
        UnknownNameError: no such operation.
        DefinitionError: an empty column, no window or a window twice, a parameter that lacks or means nothing.
    """

    column: str
    operation: str
    windows: tuple[Window, ...]
    k: int | None = None
    quantiles: tuple[float, ...] = ()
    half_life: str | None = None
    buckets: tuple[str, ...] = ()
    where: str | None = None
    empty: Any = field(default=None, hash=False)
    name: str | None = None

    def __init__(
        self,
        column: str,
        operation: str,
        windows: Sequence[str | Window] = ("unbounded",),
        *,
        k: int | None = None,
        quantiles: Sequence[float] | None = None,
        half_life: str | None = None,
        buckets: str | Sequence[str] | None = None,
        where: str | None = None,
        empty: Any = None,
        name: str | None = None,
    ) -> None:
        if not isinstance(column, str) or not column:
            raise DefinitionError(f"an aggregation's column is {column!r}.", cure="Expected a column's name.")
        known, short_k, short_quantile = parse_operation(operation)
        what = f"{operation} of {column!r}"
        values = {
            "column": column,
            "operation": known.name,
            "windows": _windows(windows, known, what),
            "k": _checked_k(_one_of("k", short_k, k, what), what),
            "quantiles": _quantiles(
                _one_of("quantiles", None if short_quantile is None else [short_quantile], quantiles, what),
                what,
            ),
            "half_life": _half_life(half_life, what),
            "buckets": _buckets(buckets, what),
            "where": where,
            "empty": _empty(empty, what),
            "name": None if name is None else check_name(f"aggregation ({what})", name),
        }
        for attribute, value in values.items():
            object.__setattr__(self, attribute, value)
        self._check_parameters(what)
        self._check_empty(what)

    def _check_parameters(self, what: str) -> None:
        needs = OPERATIONS[self.operation].needs
        for name in ("k", "quantiles", "half_life"):
            given = getattr(self, name) not in (None, ())
            if given and needs != name:
                raise DefinitionError(
                    f"{what} has {name}={getattr(self, name)!r}, which it does not take.",
                    cure=f"Leave it out; {needs} is what it takes." if needs else "Leave it out.",
                )
            if needs == name and not given:
                raise DefinitionError(f"{what} needs {name}.", cure=_HINTS[name].format(self.operation))
        if self.where is not None and (not isinstance(self.where, str) or not self.where.strip()):
            raise DefinitionError(
                f"{what} has where={self.where!r}.", cure="Expected a SQL condition, as \"status = 'ok'\"."
            )
        if self.where is not None and self.name is None:
            raise DefinitionError(
                f"{what} has where={self.where!r} and no name, which tells it from the same without it.",
                cure=f'Give it one, as name="{_suggested(self.column)}_some".',
            )

    def _check_empty(self, what: str) -> None:
        """Refuse what no type of the input could make the result; a map may come of any input that is one."""
        gives, empty = OPERATIONS[self.operation].gives, self.empty
        if empty is None or (isinstance(empty, dict) and not self.buckets):
            return
        number = isinstance(empty, int | float) and not isinstance(empty, bool)
        fits, wanted = {
            "integer": (isinstance(empty, int) and number, "a whole number"),
            "float": (number, "a number"),
            "sum": (number, "a number"),
            "values": (isinstance(empty, tuple), "a list"),
            "value": (not isinstance(empty, tuple), "one value"),
            "floats": (
                (number, "a number") if len(self.quantiles) == 1 else (isinstance(empty, tuple), "a list")
            ),
            "counts": (False, "a map, as {}"),
        }[gives]
        if self.buckets:
            fits, wanted = isinstance(empty, dict), "a map, as {}"
        if not fits:
            raise DefinitionError(
                f"{what} has empty={empty!r}.", cure=f"Expected {wanted}, as its results are."
            )

    @property
    def input(self) -> str:
        """The column of the cleaned rows that it reads: `name` where `where` leaves rows out, else `column`."""
        return self.name if self.name is not None and self.where is not None else self.column

    @property
    def short_operation(self) -> str:
        """The operation with its k or its one quantile: `last_5`, `p99`."""
        return short_form(OPERATIONS[self.operation], self.k, self.quantiles)

    @property
    def is_short(self) -> bool:
        """Whether column, short operation and windows say all of it."""
        rest = (self.half_life, self.buckets, self.where, self.empty, self.name)
        return len(self.quantiles) <= 1 and rest == (None, (), None, None, None)

    def feature_name(self, set_name: str, window: Window) -> str:
        """Return `set_input_op[k]_window[_by_bucket]`.

        >>> Aggregation("dest", "last_5", buckets=["carrier"]).feature_name("flights", Window.parse("7d"))
        'flights_dest_last5_7d_by_carrier'
        """
        operation = self.short_operation
        if self.k is not None:
            operation = "".join(operation.rsplit("_", 1))
        by = f"_by_{'_'.join(self.buckets)}" if self.buckets else ""
        return f"{set_name}_{self.name or self.column}_{operation}_{window.name}{by}"


_HINTS = {
    "k": "Give k=5, say, or write it into the operation's name with its number.",
    "quantiles": "Give quantiles=[0.5, 0.9], say; '{}' of one is also written 'p90'.",
    "half_life": "Give half_life='3d', say.",
}


def _windows(windows: Sequence[str | Window], operation: Operation, what: str) -> tuple[Window, ...]:
    if isinstance(windows, str):
        raise DefinitionError(f"windows is {windows!r}.", cure=f"Expected a list, as [{windows!r}].")
    spans = tuple(Window.parse(window) for window in windows)
    names = [span.name for span in spans]
    if not spans or len(set(names)) < len(names):
        raise DefinitionError(
            f"the windows of {what} are {names}.",
            cure="Expected one or more, each once.",
        )
    if operation.name == "rate" and any(span.kind == "unbounded" for span in spans):
        raise DefinitionError(
            f"{what} has an unbounded window: no rate has a time without end to divide by.",
            cure='Give it windows, as windows=["7d"].',
        )
    return spans


def _one_of(name: str, short: Any, given: Any, what: str) -> Any:
    if short is not None and given is not None:
        raise DefinitionError(f"{what} has {name}={given!r} besides.", cure="Say it once.")
    return given if short is None else short


def _checked_k(k: Any, what: str) -> int | None:
    if k is not None and (isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= LARGEST_K):
        raise DefinitionError(
            f"{what} has k={k!r}.", cure=f"Expected a whole number from 1 to {LARGEST_K:,}."
        )
    return k


def _quantiles(quantiles: Any, what: str) -> tuple[float, ...]:
    if quantiles is None:
        return ()
    listed = list(quantiles) if isinstance(quantiles, list | tuple) else []
    fits = all(
        isinstance(q, int | float) and not isinstance(q, bool) and math.isfinite(q) and 0 <= q <= 1
        for q in listed
    )
    if not listed or not fits or len(set(listed)) < len(listed):
        raise DefinitionError(
            f"{what} has quantiles={quantiles!r}.",
            cure="Expected a list of different numbers from 0 to 1, as [0.5, 0.9].",
        )
    return tuple(float(q) + 0.0 for q in listed)


def _half_life(half_life: str | None, what: str) -> str | None:
    if half_life is not None and duration(half_life) <= 0:
        raise DefinitionError(f"{what} has half_life={half_life!r}.", cure="Expected a time, as '3d'.")
    return half_life


def _buckets(buckets: Any, what: str) -> tuple[str, ...]:
    if buckets is None:
        return ()
    return check_columns(f"buckets of {what}", [buckets] if isinstance(buckets, str) else buckets)


def _empty(empty: Any, what: str) -> Any:
    """Refuse what JSON cannot carry."""
    if isinstance(empty, Mapping) and all(isinstance(key, str) for key in empty):
        return dict(empty)
    if isinstance(empty, list | tuple):
        return tuple(empty)
    if isinstance(empty, float) and not math.isfinite(empty):
        raise DefinitionError(f"{what} has empty={empty!r}.", cure="Expected a finite number, or null.")
    if empty is not None and not isinstance(empty, bool | int | float | str):
        raise DefinitionError(
            f"{what} has empty={empty!r}.", cure="Expected a number, text, truth, list or {key: value}."
        )
    return empty


def _suggested(column: str) -> str:
    word = "".join(c if c.isascii() and c.isalnum() else "_" for c in column.lower()).strip("_")
    return word if word[:1].isalpha() and "__" not in word else "orders"
