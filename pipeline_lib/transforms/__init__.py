"""Step 4 of 9, fit: transforms with native kernels, one idea a file."""

from __future__ import annotations

from bighead.pipeline_lib.transforms.hash_encoder import HashEncoder
from bighead.pipeline_lib.transforms.keep import Keep
from bighead.pipeline_lib.transforms.nan_to_mean import NaNToMean
from bighead.pipeline_lib.transforms.one_hot import OneHotLabelEncoder
from bighead.pipeline_lib.transforms.ordinal import OrdinalEncoder
from bighead.pipeline_lib.transforms.standard_scaler import StandardScaler

__all__ = ["HashEncoder", "Keep", "NaNToMean", "OneHotLabelEncoder", "OrdinalEncoder", "StandardScaler"]
