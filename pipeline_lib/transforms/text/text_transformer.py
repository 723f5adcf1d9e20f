"""TextTransformer: base of steps that take strings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.pipeline.schema import type_of
from bighead.pipeline_lib.pipeline.transformer import State, Transformer

CURE = "Expected strings: pl.col(name).cast(pl.String), of UTF-8 bytes too; leave other columns out."


class TextTransformer(Transformer):
    """Base of steps that take strings, nothing learnt by default. A missing text (null) stays missing."""

    takes = frozenset({"string"})
    cure = CURE

    def state(self) -> State:
        """Nothing is learnt by default."""
        return {}

    def restore(self, state: State) -> None:
        """There is nothing to take up by default."""

    # What is compiled for the kernel cannot be copied or sent to another process; it is made again of the rest.
    def __getstate__(self) -> tuple[dict[str, Any], State]:
        return self.params(), self.state()

    def __setstate__(self, kept: tuple[dict[str, Any], State]) -> None:
        vars(self).update(vars(type(self).from_state(*kept)))


def texts(frame: pl.DataFrame) -> Iterator[pl.Series]:
    """Return the columns of a frame, which must be strings.

    >>> [series.name for series in texts(pl.DataFrame({"a": ["x", None]}))]
    ['a']

    Raises:
        SchemaError: a column that holds something else, as bytes or numbers.
    """
    for series in frame:
        if series.dtype == pl.Null:
            yield series.cast(pl.String)
        elif type_of(series.dtype) == "string":
            yield series
        else:
            raise SchemaError(f"the column {series.name!r} is {series.dtype}.", cure=CURE)
