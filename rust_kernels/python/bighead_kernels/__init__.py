"""Bighead's native kernels: the temporal join and preprocessing, over Arrow."""

from bighead_kernels._native import PROFILE

__all__ = ["PROFILE"]
