"""One step's native form, run over tables: the same code as the serving plan's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
import polars.selectors as cs
from bighead_kernels import Plan

from bighead.pipeline_lib.pipeline.lowering import plan_spec, to_json
from bighead.pipeline_lib.pipeline.schema import in_microseconds, type_of
from bighead.pipeline_lib.pipeline.transformer import PlanStep, Transformer


@dataclass
class PlanOfStep:
    """Steps of the plan, the names that they read and write, and what the columns that they write are called.

    It is compiled for each combination of types of columns that it meets, once.
    """

    reads: Sequence[str]
    writes: Sequence[str]
    names: Sequence[str]
    steps: Sequence[PlanStep]
    _compiled: dict[tuple[str, ...], Plan] = field(default_factory=dict)

    @classmethod
    def of(cls, step: Transformer, inputs: Sequence[str], outputs: Sequence[str]) -> PlanOfStep:
        """Return a fitted step's plan.

        Raises:
            UnsupportedStepError: it has no native form.
        """
        # Names of their own, so that an output may be called as an input is.
        reads, writes = [f"in {name}" for name in inputs], [f"out {name}" for name in outputs]
        return cls(reads, writes, outputs, step.lower(reads, writes))

    def answer(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return what the plan makes of columns, which stand in the order of `reads`; a missing number is null."""
        given = in_microseconds(frame)
        words = tuple(str(type_of(dtype)) for dtype in given.dtypes)
        if words not in self._compiled:
            self._compiled[words] = self._compile(words)
        renamed = given.rename(dict(zip(frame.columns, self.reads, strict=True)))
        answers = pl.DataFrame(self._compiled[words].predict(renamed))
        named = answers.rename(dict(zip(answers.columns, self.names, strict=True)))
        return named.with_columns(cs.float().fill_nan(None))

    def _compile(self, words: Sequence[str]) -> Plan:
        inputs = [{"name": name, "dtype": word} for name, word in zip(self.reads, words, strict=True)]
        return Plan.from_spec(to_json(plan_spec(inputs, self.steps, self.writes)))
