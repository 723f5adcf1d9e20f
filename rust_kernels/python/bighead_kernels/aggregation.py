"""How an aggregation is written for the temporal join."""

from typing import NotRequired, TypedDict


class AggregationSpec(TypedDict):
    """One output of the temporal join.

    Attributes:
        name: The output column.
        column: The column of the events that it reads.
        operation: What it computes.
        window: (kind, length, hop), in microseconds; 0 where the kind has none. `sawtooth` floors its start to the
            hop, `sliding` has an exact start, `tumbling` is the last complete bucket (a bucket starts at the hop),
            `snapshot` ends at the newest UTC midnight m with m + hop ≤ t, `bounds` takes both ends from columns of
            the rows, `unbounded` has no start.
        k: How many, or which, for the operations that ask; 0 where not.
        quantiles: From 0 to 1, for the operations that ask.
        half_life: Microseconds, for the operation that asks; 0 where not.
        start_column: For `bounds`: column of the rows with the window's first microsecond; null is no start.
        end_column: For `bounds`: column of the rows with the first microsecond after it; null is t. Neither may
            decrease as a key's rows go on in time.
    """

    name: str
    column: str
    operation: str
    window: tuple[str, int, int]
    k: NotRequired[int]
    quantiles: NotRequired[list[float]]
    half_life: NotRequired[int]
    start_column: NotRequired[str]
    end_column: NotRequired[str]
