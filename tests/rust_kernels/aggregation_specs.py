"""A short way to write the temporal join's aggregations in tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bighead_kernels import AggregationSpec

Spec = tuple[str, str, str, str, int, int]


def spec(
    name: str,
    column: str,
    operation: str,
    kind: str,
    length: int = 0,
    hop: int = 0,
    *,
    k: int = 0,
    quantiles: Sequence[float] = (),
    half_life: int = 0,
) -> AggregationSpec:
    """One aggregation as the kernel takes it."""
    return {
        "name": name,
        "column": column,
        "operation": operation,
        "window": (kind, length, hop),
        "k": k,
        "quantiles": list(quantiles),
        "half_life": half_life,
    }


def specs(aggregations: Iterable[Spec]) -> list[AggregationSpec]:
    """Aggregations without parameters, from (name, column, operation, kind, length, hop)."""
    return [spec(*each) for each in aggregations]
