"""How an aggregation is written for the temporal join."""

from typing import NotRequired, TypedDict


class AggregationSpec(TypedDict):
    """One output of the temporal join.

    Attributes:
        name: The output column.
        column: The column of the events that it reads.
        operation: What it computes.
        window: (kind, length, hop), lengths in microseconds; 0 where the kind has none.
        k: How many, or which, for the operations that ask; 0 where not.
        quantiles: From 0 to 1, for the operations that ask.
        half_life: Microseconds, for the operation that asks; 0 where not.
    """

    name: str
    column: str
    operation: str
    window: tuple[str, int, int]
    k: NotRequired[int]
    quantiles: NotRequired[list[float]]
    half_life: NotRequired[int]
