"""How much memory a join may take, and how much one would take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.point_in_time.derived import result_types

MEBIBYTE = 1 << 20
_SAMPLE = 4_096
# The kernel's numbers, times and places of an event, and of a question, beside the columns themselves.
_ROW, _QUESTION = 48, 64
# Lists and maps of which only the values tell how long they are: a guess.
_LIST = 256


@dataclass(frozen=True)
class Memory:
    """What a join may hold at once, in bytes, beside its process; and where it spills what exceeds that.

    `folder` needs room for the rows, questions and answers once over; None is the system's temporary folder,
    which on some systems is itself in memory.

    Raises:
        DefinitionError: a budget that is not above zero.
    """

    budget: int
    folder: Path | None = None

    def __post_init__(self) -> None:
        if self.budget <= 0:
            raise DefinitionError(
                f"a join is given {self.budget} bytes of memory.",
                cure="Give it some, as BIGHEAD_MEMORY_GB=4.",
            )


@dataclass(frozen=True)
class Cost:
    """Bytes that the join of one use holds for each row and each question; those of an answer are among them."""

    row: float
    question: float
    answer: float

    def of(self, rows: float, questions: float) -> float:
        """Return the bytes for so many rows and questions."""
        return rows * self.row + questions * self.question


def cost_of(ref: FeatureRef, rows: pl.LazyFrame, questions: pl.LazyFrame) -> Cost:
    """Return what a use costs, judged by the types and the first rows: generous rather than exact.

    Raises:
        SchemaError: an operation does not take its column.
    """
    schema = rows.collect_schema()
    types, made = result_types(ref, schema), {each.name for each in ref.computed.features}
    derived = [types[ref.output(each)] for each in ref.features if each.name not in made]
    answer = float(sum(_answer(each, schema[each.column]) for each in ref.computed.features))
    answer += sum(_LIST if each.is_nested() else _plain(each) for each in derived)
    return Cost(_ROW + 2 * width(rows), _QUESTION + 2 * width(questions) + 3 * answer, answer)


def width(frame: pl.LazyFrame) -> float:
    """Return the bytes that a row of a frame takes, by its first rows."""
    first = frame.head(_SAMPLE).collect()
    return first.estimated_size() / first.height if first.height else 8.0 * first.width


def _answer(feature: Feature, column: pl.DataType) -> int:
    made, dtype = feature.aggregation, feature.dtype_of(column)
    if feature.tensor is not None and dtype.is_nested():
        return 16 + 8 * feature.tensor.size * ((made and made.k) or 1)
    if not dtype.is_nested():
        return _plain(dtype)
    listed = (made.k or len(made.quantiles)) if made is not None and not made.buckets else 0
    return 16 + 8 * listed if listed else _LIST


def _plain(dtype: pl.DataType) -> int:
    return 24 if isinstance(dtype, pl.String) else 9
