"""Step 4 of 9, fit: numbers of a row made into other numbers, fewer or more."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.vectors.pca import PCA
from bighead.pipeline_lib.transforms.vectors.random_projection import (
    GaussianRandomProjection,
    SparseRandomProjection,
)
from bighead.pipeline_lib.transforms.vectors.spline_transformer import SplineTransformer
from bighead.pipeline_lib.transforms.vectors.truncated_svd import TruncatedSVD

TRANSFORMS: tuple[type[Transformer], ...] = (
    PCA,
    TruncatedSVD,
    GaussianRandomProjection,
    SparseRandomProjection,
    SplineTransformer,
)

__all__ = [
    "PCA",
    "TRANSFORMS",
    "GaussianRandomProjection",
    "SparseRandomProjection",
    "SplineTransformer",
    "TruncatedSVD",
]
