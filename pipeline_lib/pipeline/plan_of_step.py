"""One step's native form, made ready once and run over tables: the same code as the serving plan's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from bighead_kernels import Plan

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.pipeline.transformer import NUMBERS, PlanStep, Transformer

FORMAT = 1


@dataclass
class PlanOfStep:
    """A step's plan, compiled for each combination of types of columns that it meets."""

    reads: list[str]
    names: list[str]
    steps: list[PlanStep] | None
    _compiled: dict[tuple[str, ...], Plan] = field(default_factory=dict)

    @classmethod
    def of(cls, step: Transformer, inputs: Sequence[str], outputs: Sequence[str]) -> PlanOfStep:
        """Return a fitted step's plan, which is none where it has no native form."""
        reads, names = [f"in {name}" for name in inputs], list(outputs)
        try:
            return cls(reads, names, step.lower(reads, [f"out {name}" for name in names]))
        except UnsupportedStepError:
            return cls(reads, names, None)

    def answer(self, frame: pl.DataFrame) -> pl.DataFrame | None:
        """Return what the plan makes of numbers; None without a plan, or for columns of other types."""
        from bighead.pipeline_lib.pipeline.schema import type_of

        words = tuple(str(type_of(dtype)) for dtype in frame.dtypes)
        if self.steps is None or not self.names or not set(words) <= NUMBERS:
            return None
        if words not in self._compiled:
            self._compiled[words] = self._compile(words)
        given = frame.rename(dict(zip(frame.columns, self.reads, strict=True)))
        answers = pl.DataFrame(self._compiled[words].predict(given))
        return answers.rename(dict(zip(answers.columns, self.names, strict=True))).fill_nan(None)

    def _compile(self, words: Sequence[str]) -> Plan:
        spec = {
            "format": FORMAT,
            "inputs": [{"name": name, "dtype": word} for name, word in zip(self.reads, words, strict=True)],
            "steps": self.steps,
            "outputs": [f"out {name}" for name in self.names],
        }
        return Plan.from_spec(json.dumps(spec, allow_nan=False))
