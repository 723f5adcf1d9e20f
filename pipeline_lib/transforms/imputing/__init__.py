"""Step 4 of 9, fit: missing values filled or marked."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.imputing.end_tail_imputer import EndTailImputer
from bighead.pipeline_lib.transforms.imputing.knn_imputer import KNNImputer
from bighead.pipeline_lib.transforms.imputing.missing_indicator import MissingIndicator
from bighead.pipeline_lib.transforms.imputing.nan_to_mean import NaNToMean
from bighead.pipeline_lib.transforms.imputing.simple_imputer import SimpleImputer

TRANSFORMS: tuple[type[Transformer], ...] = (
    NaNToMean,
    SimpleImputer,
    EndTailImputer,
    KNNImputer,
    MissingIndicator,
)

__all__ = ["TRANSFORMS", "EndTailImputer", "KNNImputer", "MissingIndicator", "NaNToMean", "SimpleImputer"]
