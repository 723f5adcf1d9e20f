"""Step 4 of 9, fit: transforms with native kernels, one idea a file."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.binarizer import Binarizer
from bighead.pipeline_lib.transforms.clipper import Clipper
from bighead.pipeline_lib.transforms.custom_bins import CustomBins
from bighead.pipeline_lib.transforms.cyclical_encoder import CyclicalEncoder
from bighead.pipeline_lib.transforms.decision_tree_discretizer import DecisionTreeDiscretizer
from bighead.pipeline_lib.transforms.difference import Difference
from bighead.pipeline_lib.transforms.end_tail_imputer import EndTailImputer
from bighead.pipeline_lib.transforms.functions_of_a_number import (
    AbsTransformer,
    ArcsinTransformer,
    ExpTransformer,
    Log1pTransformer,
    LogTransformer,
    ReciprocalTransformer,
    SignTransformer,
    SqrtTransformer,
    SquareTransformer,
)
from bighead.pipeline_lib.transforms.hash_encoder import HashEncoder
from bighead.pipeline_lib.transforms.k_bins_discretizer import KBinsDiscretizer
from bighead.pipeline_lib.transforms.keep import Keep
from bighead.pipeline_lib.transforms.math_features import MathFeatures
from bighead.pipeline_lib.transforms.max_abs_scaler import MaxAbsScaler
from bighead.pipeline_lib.transforms.min_max_scaler import MinMaxScaler
from bighead.pipeline_lib.transforms.missing_indicator import MissingIndicator
from bighead.pipeline_lib.transforms.nan_to_mean import NaNToMean
from bighead.pipeline_lib.transforms.normalizer import Normalizer
from bighead.pipeline_lib.transforms.one_hot import OneHotLabelEncoder
from bighead.pipeline_lib.transforms.ordinal import OrdinalEncoder
from bighead.pipeline_lib.transforms.polynomial_features import PolynomialFeatures
from bighead.pipeline_lib.transforms.power_transformer import PowerTransformer
from bighead.pipeline_lib.transforms.quantile_transformer import QuantileTransformer
from bighead.pipeline_lib.transforms.ratio import Ratio
from bighead.pipeline_lib.transforms.robust_scaler import RobustScaler
from bighead.pipeline_lib.transforms.round_transformer import RoundTransformer
from bighead.pipeline_lib.transforms.simple_imputer import SimpleImputer
from bighead.pipeline_lib.transforms.standard_scaler import StandardScaler
from bighead.pipeline_lib.transforms.winsorizer import Winsorizer

# Whatever stands here can be stored in artifacts, and is in the catalogue of transforms.
TRANSFORMS: tuple[type[Transformer], ...] = (
    SimpleImputer,
    MissingIndicator,
    KBinsDiscretizer,
    EndTailImputer,
    DecisionTreeDiscretizer,
    CustomBins,
    Binarizer,
    SquareTransformer,
    SqrtTransformer,
    SignTransformer,
    ReciprocalTransformer,
    LogTransformer,
    Log1pTransformer,
    ExpTransformer,
    ArcsinTransformer,
    AbsTransformer,
    RoundTransformer,
    PolynomialFeatures,
    MathFeatures,
    Difference,
    CyclicalEncoder,
    Winsorizer,
    RobustScaler,
    QuantileTransformer,
    PowerTransformer,
    Normalizer,
    MaxAbsScaler,
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
    "AbsTransformer",
    "ArcsinTransformer",
    "Binarizer",
    "Clipper",
    "CustomBins",
    "CyclicalEncoder",
    "DecisionTreeDiscretizer",
    "Difference",
    "EndTailImputer",
    "ExpTransformer",
    "HashEncoder",
    "KBinsDiscretizer",
    "Keep",
    "Log1pTransformer",
    "LogTransformer",
    "MathFeatures",
    "MaxAbsScaler",
    "MinMaxScaler",
    "MissingIndicator",
    "NaNToMean",
    "Normalizer",
    "OneHotLabelEncoder",
    "OrdinalEncoder",
    "PolynomialFeatures",
    "PowerTransformer",
    "QuantileTransformer",
    "Ratio",
    "ReciprocalTransformer",
    "RobustScaler",
    "RoundTransformer",
    "SignTransformer",
    "SimpleImputer",
    "SqrtTransformer",
    "SquareTransformer",
    "StandardScaler",
    "Winsorizer",
]
