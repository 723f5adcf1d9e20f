"""HashEncoder: a value of any number of kinds becomes one of a fixed number of buckets, without learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from bighead_kernels import hash_buckets

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.transformer import PlanStep, State, Transformer, arrow_column


@dataclass(eq=False)
class HashEncoder(Transformer):
    """Answer XXH3 (64 bits, of the UTF-8 text or an integer's digits) modulo `buckets`, as int64.

    Missing stays missing. The same everywhere and always: never Python's salted hash. The reference is XXH3 as it
    is published.

    Args:
        buckets: How many buckets, from 1 to 2^53.
        seed: Another seed spreads the same values otherwise.

    >>> HashEncoder(buckets=8).transform(pl.DataFrame({"tail": ["N613JB", None, "N613JB"]}))["tail"].to_list()
    [4, None, 4]

    Raises:
        DefinitionError: no bucket, too many, or a seed that is no unsigned 64-bit number.
    """

    buckets: int = 1024
    seed: int = 0

    takes = frozenset({"string", "int64"})
    cure = "Hash strings or integers; floats are no categories."

    def __post_init__(self) -> None:
        if not 1 <= self.buckets <= 2**53 or not 0 <= self.seed < 2**64:
            raise DefinitionError(
                f"HashEncoder(buckets={self.buckets}, seed={self.seed}).",
                cure="Expected 1 to 2^53 buckets and a seed from 0 to 2^64 - 1.",
            )

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Hash each value."""
        hashed = [hash_buckets(each, self.buckets, self.seed) for each in frame]
        return pl.DataFrame([arrow_column(s.name, made) for s, made in zip(frame, hashed, strict=True)])

    def state(self) -> State:
        """There is nothing to learn."""
        return {}

    def restore(self, state: State) -> None:
        """There is nothing to take up."""

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Hash each value."""
        return [
            {"op": "hash", "input": i, "output": o, "buckets": self.buckets, "seed": self.seed}
            for i, o in zip(inputs, outputs, strict=True)
        ]
