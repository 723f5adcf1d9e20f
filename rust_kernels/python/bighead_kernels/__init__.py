"""Bighead's native kernels: the temporal join and preprocessing, over Arrow."""

from bighead_kernels._native import (
    PROFILE,
    InputError,
    OnlinePlan,
    Plan,
    affine,
    digests,
    fill,
    hash_buckets,
    index,
    logit_single,
    mean_std,
    one_hot,
    temporal_join,
)
from bighead_kernels.aggregation import AggregationSpec

__all__ = [
    "PROFILE",
    "AggregationSpec",
    "InputError",
    "OnlinePlan",
    "Plan",
    "affine",
    "digests",
    "fill",
    "hash_buckets",
    "index",
    "logit_single",
    "mean_std",
    "one_hot",
    "temporal_join",
]
