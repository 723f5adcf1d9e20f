"""What selections of columns share: some of the columns are chosen once, and go on as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from bighead.pipeline_lib.errors import DataError, quoted
from bighead.pipeline_lib.pipeline.native import NativeTransformer, passed
from bighead.pipeline_lib.pipeline.transformer import PlanStep, State


@dataclass(eq=False)
class ColumnSelection(NativeTransformer):
    """Base of selections. A subclass says in `choose` which columns go on; integers and truths become floats."""

    columns_seen: tuple[str, ...] = field(init=False, repr=False, default=())
    chosen: tuple[str, ...] = field(init=False, repr=False, default=())

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the names of the columns that go on."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it chooses")

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Choose.

        Raises:
            DataError: no column would go on.
        """
        wanted = set(self.choose(frame, labels))
        self.columns_seen = tuple(frame.columns)
        self.chosen = tuple(name for name in frame.columns if name in wanted)
        if not self.chosen:
            raise DataError(
                f"a {type(self).__name__} leaves none of {quoted(frame.columns)}.",
                cure="Loosen its parameters, or give it other columns.",
            )

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return the chosen columns.

        Raises:
            DataError: nothing is chosen before fit.
        """
        if not self.chosen:
            raise DataError(f"the {type(self).__name__} is not fitted.", cure="Call p.fit(frame, labels).")
        return self.chosen

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Pass the chosen columns on."""
        read = dict(zip(self.columns_seen, inputs, strict=True))
        return [passed(read[name], write) for name, write in zip(self.chosen, outputs, strict=True)]

    def state(self) -> State:
        """The columns, and which were chosen."""
        chosen = [name in self.chosen for name in self.columns_seen]
        return {"columns": pl.DataFrame({"column": list(self.columns_seen), "chosen": chosen})}

    def restore(self, state: State) -> None:
        """Take up what was chosen."""
        table = state["columns"]
        assert isinstance(table, pl.DataFrame)
        self.columns_seen = tuple(table["column"])
        self.chosen = tuple(table.filter("chosen")["column"])


def finite_matrix(frame: pl.DataFrame) -> pl.DataFrame:
    """Return columns as floats in which nothing is missing or infinite.

    Raises:
        DataError: something is.
    """
    numbers = frame.cast(pl.Float64).fill_nan(None)
    odd = [series.name for series in numbers if series.null_count() or not series.is_finite().all()]
    if odd:
        raise DataError(
            f"values are missing or infinite in {quoted(odd)}.",
            cure="Fill them first, as p[columns] >>= NaNToMean(), or Clipper(low=…, high=…).",
        )
    return numbers
