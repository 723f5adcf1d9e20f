"""Step 4 of 9, fit: transforms with native kernels, one idea a file."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.backward_difference_encoder import BackwardDifferenceEncoder
from bighead.pipeline_lib.transforms.base_n_encoder import BaseNEncoder
from bighead.pipeline_lib.transforms.binarizer import Binarizer
from bighead.pipeline_lib.transforms.binary_encoder import BinaryEncoder
from bighead.pipeline_lib.transforms.clipper import Clipper
from bighead.pipeline_lib.transforms.count_encoder import CountEncoder
from bighead.pipeline_lib.transforms.custom_bins import CustomBins
from bighead.pipeline_lib.transforms.cyclical_encoder import CyclicalEncoder
from bighead.pipeline_lib.transforms.decision_tree_discretizer import DecisionTreeDiscretizer
from bighead.pipeline_lib.transforms.difference import Difference
from bighead.pipeline_lib.transforms.end_tail_imputer import EndTailImputer
from bighead.pipeline_lib.transforms.frequency_encoder import FrequencyEncoder
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
from bighead.pipeline_lib.transforms.helmert_encoder import HelmertEncoder
from bighead.pipeline_lib.transforms.james_stein_encoder import JamesSteinEncoder
from bighead.pipeline_lib.transforms.k_bins_discretizer import KBinsDiscretizer
from bighead.pipeline_lib.transforms.keep import Keep
from bighead.pipeline_lib.transforms.leave_one_out_encoder import LeaveOneOutEncoder
from bighead.pipeline_lib.transforms.m_estimate_encoder import MEstimateEncoder
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
from bighead.pipeline_lib.transforms.quantile_encoder import QuantileEncoder
from bighead.pipeline_lib.transforms.quantile_transformer import QuantileTransformer
from bighead.pipeline_lib.transforms.ratio import Ratio
from bighead.pipeline_lib.transforms.robust_scaler import RobustScaler
from bighead.pipeline_lib.transforms.round_transformer import RoundTransformer
from bighead.pipeline_lib.transforms.simple_imputer import SimpleImputer
from bighead.pipeline_lib.transforms.standard_scaler import StandardScaler
from bighead.pipeline_lib.transforms.sum_encoder import SumEncoder
from bighead.pipeline_lib.transforms.target_encoder import TargetEncoder
from bighead.pipeline_lib.transforms.winsorizer import Winsorizer
from bighead.pipeline_lib.transforms.woe_encoder import WOEEncoder

# Whatever stands here can be stored in artifacts, and is in docs/transforms.md.
FAMILIES: dict[str, tuple[type[Transformer], ...]] = {
    "Imputing": (
        NaNToMean,
        SimpleImputer,
        EndTailImputer,
        MissingIndicator,
    ),
    "Scaling": (
        StandardScaler,
        MinMaxScaler,
        MaxAbsScaler,
        RobustScaler,
        Normalizer,
        QuantileTransformer,
        PowerTransformer,
        Winsorizer,
        Clipper,
    ),
    "Arithmetic": (
        AbsTransformer,
        ArcsinTransformer,
        ExpTransformer,
        Log1pTransformer,
        LogTransformer,
        ReciprocalTransformer,
        RoundTransformer,
        SignTransformer,
        SqrtTransformer,
        SquareTransformer,
        Ratio,
        Difference,
        MathFeatures,
        PolynomialFeatures,
        CyclicalEncoder,
    ),
    "Binning": (
        Binarizer,
        CustomBins,
        KBinsDiscretizer,
        DecisionTreeDiscretizer,
    ),
    "Categories": (
        OneHotLabelEncoder,
        OrdinalEncoder,
        HashEncoder,
        CountEncoder,
        FrequencyEncoder,
        TargetEncoder,
        MEstimateEncoder,
        JamesSteinEncoder,
        LeaveOneOutEncoder,
        QuantileEncoder,
        WOEEncoder,
        BinaryEncoder,
        BaseNEncoder,
        HelmertEncoder,
        SumEncoder,
        BackwardDifferenceEncoder,
    ),
    "Passing on": (Keep,),
}
TRANSFORMS: tuple[type[Transformer], ...] = tuple(each for family in FAMILIES.values() for each in family)

__all__ = [
    "FAMILIES",
    "TRANSFORMS",
    "AbsTransformer",
    "ArcsinTransformer",
    "BackwardDifferenceEncoder",
    "BaseNEncoder",
    "Binarizer",
    "BinaryEncoder",
    "Clipper",
    "CountEncoder",
    "CustomBins",
    "CyclicalEncoder",
    "DecisionTreeDiscretizer",
    "Difference",
    "EndTailImputer",
    "ExpTransformer",
    "FrequencyEncoder",
    "HashEncoder",
    "HelmertEncoder",
    "JamesSteinEncoder",
    "KBinsDiscretizer",
    "Keep",
    "LeaveOneOutEncoder",
    "Log1pTransformer",
    "LogTransformer",
    "MEstimateEncoder",
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
    "QuantileEncoder",
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
    "SumEncoder",
    "TargetEncoder",
    "WOEEncoder",
    "Winsorizer",
]
