"""Step 4 of 9, fit: transforms with native kernels, one idea a file."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.clipper import Clipper
from bighead.pipeline_lib.transforms.hash_encoder import HashEncoder
from bighead.pipeline_lib.transforms.keep import Keep
from bighead.pipeline_lib.transforms.min_max_scaler import MinMaxScaler
from bighead.pipeline_lib.transforms.nan_to_mean import NaNToMean
from bighead.pipeline_lib.transforms.one_hot import OneHotLabelEncoder
from bighead.pipeline_lib.transforms.ordinal import OrdinalEncoder
from bighead.pipeline_lib.transforms.ratio import Ratio
from bighead.pipeline_lib.transforms.standard_scaler import StandardScaler

# Whatever stands here can be stored in artifacts, and is in the catalogue of transforms.
TRANSFORMS: tuple[type[Transformer], ...] = (
    Clipper,
    HashEncoder,
    Keep,
    MinMaxScaler,
    NaNToMean,
    OneHotLabelEncoder,
    OrdinalEncoder,
    Ratio,
    StandardScaler,
)

__all__ = [
    "TRANSFORMS",
    "Clipper",
    "HashEncoder",
    "Keep",
    "MinMaxScaler",
    "NaNToMean",
    "OneHotLabelEncoder",
    "OrdinalEncoder",
    "Ratio",
    "StandardScaler",
]
