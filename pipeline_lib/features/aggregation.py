"""An aggregation: one operation over one input column, in any number of windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features.window import Window

OPERATIONS = ("count", "sum", "average", "min", "max", "first", "last")
ALIASES = {"mean": "average", "avg": "average"}


@dataclass(frozen=True, init=False)
class Aggregation:
    """`operation` over `column` in each of `windows`; without windows, over all the past.

    >>> Aggregation("arr_delay", "mean", windows=["3h", "7d"]).operation
    'average'

    Raises:
        UnknownNameError: no such operation.
        DefinitionError: an empty column, no window, or a window twice.
    """

    column: str
    operation: str
    windows: tuple[Window, ...]

    def __init__(self, column: str, operation: str, windows: Sequence[str | Window] = ("unbounded",)) -> None:
        if not isinstance(column, str) or not column:
            raise DefinitionError(f"an aggregation's column is {column!r}.", cure="Expected a column's name.")
        known = ALIASES.get(operation, operation)
        if known not in OPERATIONS:
            raise UnknownNameError("operation", str(operation), [*OPERATIONS, *ALIASES])
        if isinstance(windows, str):
            raise DefinitionError(f"windows is {windows!r}.", cure=f"Expected a list, as [{windows!r}].")
        spans = tuple(Window.parse(window) for window in windows)
        names = [span.name for span in spans]
        if not spans or len(set(names)) < len(names):
            raise DefinitionError(
                f"the windows of {known} of {column!r} are {names}.", cure="Expected one or more, each once."
            )
        object.__setattr__(self, "column", column)
        object.__setattr__(self, "operation", known)
        object.__setattr__(self, "windows", spans)
