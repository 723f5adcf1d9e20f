"""The operations of an aggregation: what each means, needs and gives, and how exactly two answers must agree.

This is the one place that says so; the kernel of the same names computes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from bighead.pipeline_lib.errors import UnknownNameError

EXACT, TOLERANCED, SKETCH = "exact", "toleranced", "sketch"


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: As definitions and the kernel call it.
        meaning: What it computes, for people.
        gives: Its result: `integer`, `float`, `value` (of the input's own type), `sum`, `values` (a list of
            them), `floats` (one, or a list for several quantiles), `counts` (a map from values to counts).
        needs: The parameter without which it means nothing: `k`, `quantiles` or `half_life`.
        adds: Whether it computes with numbers; truths count as 0 and 1, text and times are refused.
        exactness: `exact` (bit-equal everywhere), `toleranced` (equal within the rounding of its sums) or
            `sketch` (within a stated bound).
        zero: Whether an empty window gives 0; null otherwise.
    """

    name: str
    meaning: str
    gives: str
    needs: str | None = None
    adds: bool = False
    exactness: str = EXACT
    zero: bool = False

    def exactness_of(self, floats: bool) -> str:
        """The class of a result over `floats`, or over anything else: sums of integers are exact."""
        return TOLERANCED if self.gives == "sum" and floats else self.exactness


_ALL = (
    Operation("count", "how many", "integer", zero=True),
    Operation("sum", "their sum; null where integers do not fit 64 bits", "sum", adds=True),
    Operation("average", "their arithmetic mean", "float", adds=True, exactness=TOLERANCED),
    Operation("min", "the smallest", "value"),
    Operation("max", "the largest", "value"),
    Operation("first", "the earliest", "value"),
    Operation("last", "the latest", "value"),
    Operation("lag", "the k-th before the latest", "value", needs="k"),
    Operation("first_k", "the earliest k, the earliest first", "values", needs="k"),
    Operation("last_k", "the latest k, the latest first", "values", needs="k"),
    Operation("top_k", "the largest k, the largest first", "values", needs="k"),
    Operation("bottom_k", "the smallest k, the smallest first", "values", needs="k"),
    Operation("distinct", "each value once, ascending", "values"),
    Operation("unique_count", "how many distinct ones", "integer", zero=True),
    Operation("bounded_unique_count", "how many distinct ones, at most k", "integer", needs="k", zero=True),
    Operation("mode", "the most frequent, the smallest of those that tie", "value"),
    Operation("histogram", "each distinct value with its count, in the order of the values", "counts"),
    Operation("variance", "variance over n", "float", adds=True, exactness=TOLERANCED),
    Operation("stddev", "standard deviation over n", "float", adds=True, exactness=TOLERANCED),
    Operation("skew", "third standardised moment", "float", adds=True, exactness=TOLERANCED),
    Operation("kurtosis", "fourth standardised moment − 3", "float", adds=True, exactness=TOLERANCED),
    Operation("median", "the quantile 0.5", "float", adds=True, exactness=TOLERANCED),
    Operation(
        "percentile",
        "quantiles, interpolated linearly",
        "floats",
        needs="quantiles",
        adds=True,
        exactness=TOLERANCED,
    ),
    Operation("rate", "how many a second of the window", "float", exactness=TOLERANCED, zero=True),
    Operation("time_since_first", "seconds since the earliest", "float"),
    Operation("time_since_last", "seconds since the latest", "float"),
    Operation(
        "decayed_sum",
        "Σ x·2^(−age / half_life)",
        "float",
        needs="half_life",
        adds=True,
        exactness=TOLERANCED,
    ),
    Operation(
        "approx_unique_count",
        "about how many distinct ones, with a standard error of 1.6 %",
        "integer",
        exactness=SKETCH,
        zero=True,
    ),
    Operation(
        "approx_percentile",
        "quantiles, off by at most 0.8 % of the value at place ⌊q·(n − 1)⌋",
        "floats",
        needs="quantiles",
        adds=True,
        exactness=SKETCH,
    ),
    Operation(
        "approx_histogram_k",
        "the k most frequent with counts, each short by at most n / (8k + 1), in the order of the values",
        "counts",
        needs="k",
        exactness=SKETCH,
    ),
)
OPERATIONS = {each.name: each for each in _ALL}
ALIASES = {
    "mean": "average",
    "avg": "average",
    "std": "stddev",
    "var": "variance",
    "nunique": "unique_count",
    "quantile": "percentile",
}
# last_5, p99: a name that carries its k, or its one quantile in percent.
SHORT_FORMS = (
    r"(first|last|top|bottom|approx_histogram|lag|bounded_unique_count)_(\d{1,9})",
    r"(approx_)?p(\d{1,3}(?:[._]\d{1,12})?)",
)


def parse_operation(text: str) -> tuple[Operation, int | None, float | None]:
    """Read an operation's name, with the k or the one quantile that its short form carries.

    >>> operation, k, _ = parse_operation("last_5")
    >>> operation.name, k
    ('last_k', 5)
    >>> parse_operation("p99")[2]
    0.99

    Raises:
        UnknownNameError: no such operation, with the nearest.
    """
    text = text if isinstance(text, str) else repr(text)
    name, k, quantile = ALIASES.get(text, text), None, None
    numbered, percent = (re.fullmatch(form, text) for form in SHORT_FORMS)
    if numbered:
        head, k = numbered[1], int(numbered[2])
        name = f"{head}_k" if f"{head}_k" in OPERATIONS else head
    elif percent:
        name = f"{percent[1] or ''}percentile"
        quantile = float(Decimal(percent[2].replace("_", ".")) / 100)
    if name not in OPERATIONS:
        raise UnknownNameError("operation", text, [*OPERATIONS, *ALIASES])
    return OPERATIONS[name], k, quantile


def short_form(operation: Operation, k: int | None, quantiles: tuple[float, ...]) -> str:
    """Return the name with its k or its one quantile, as `parse_operation` reads it back.

    >>> short_form(OPERATIONS["percentile"], None, (0.999,))
    'p99_9'
    """
    if k is not None:
        return f"{operation.name.removesuffix('_k')}_{k}"
    if len(quantiles) != 1:
        return operation.name
    percent = format((Decimal(repr(quantiles[0])) * 100).normalize(), "f").replace(".", "_")
    return f"{operation.name.removesuffix('percentile')}p{percent}"
