"""How an aggregation is written for the temporal join."""

from typing import NotRequired, TypedDict


class AggregationSpec(TypedDict):
    """One output of the temporal join.

    An operation sees the values in the window that are neither null nor NaN nor infinite. Without any, counts and rates
    are 0 and all else is null. V is the column's type: int64, float64, large_string, or a time or truth value as such.

    - count: int64. sum: int64, exact, or float64. average: float64. min, max: V. first, last: V, by (event time,
      available at, tie break).
    - variance, stddev: over n, float64. skew, kurtosis (less 3): float64, null where the spread is but rounding.
    - rate: values a second of the window from its start to t. time_since_first, time_since_last: seconds from that
      event to t. decayed_sum (half_life): Σ x · 2^(−age / half_life). All float64.
    - lag (k): V, the k-th before the last. first_k, last_k (k; the latest first), top_k (k; the largest first),
      bottom_k (k), distinct (ascending): list<V>.
    - unique_count, bounded_unique_count (at most k): int64. mode: V, the smallest of those that tie. histogram:
      list<struct<key: large_string, value: int64>> in the order of V; times are written in ISO 8601.
    - percentile (quantiles), median: float64, interpolated linearly as NumPy does; of several quantiles list<float64>.
    - approx_unique_count: int64, with a relative standard error of 1.6 %. approx_percentile (quantiles): off by at most
      0.8 % of the value at place ⌊q·(n − 1)⌋. approx_histogram_k (k): the k most frequent, each count short by at most
      n / (8k + 1) and exact among up to 8k distinct values.

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
