"""Step 4 of 9, fit: categories as numbers."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.categories.backward_difference_encoder import BackwardDifferenceEncoder
from bighead.pipeline_lib.transforms.categories.base_n_encoder import BaseNEncoder
from bighead.pipeline_lib.transforms.categories.binary_encoder import BinaryEncoder
from bighead.pipeline_lib.transforms.categories.count_encoder import CountEncoder
from bighead.pipeline_lib.transforms.categories.frequency_encoder import FrequencyEncoder
from bighead.pipeline_lib.transforms.categories.hash_encoder import HashEncoder
from bighead.pipeline_lib.transforms.categories.helmert_encoder import HelmertEncoder
from bighead.pipeline_lib.transforms.categories.james_stein_encoder import JamesSteinEncoder
from bighead.pipeline_lib.transforms.categories.leave_one_out_encoder import LeaveOneOutEncoder
from bighead.pipeline_lib.transforms.categories.m_estimate_encoder import MEstimateEncoder
from bighead.pipeline_lib.transforms.categories.one_hot import OneHotLabelEncoder
from bighead.pipeline_lib.transforms.categories.ordinal import OrdinalEncoder
from bighead.pipeline_lib.transforms.categories.quantile_encoder import QuantileEncoder
from bighead.pipeline_lib.transforms.categories.sum_encoder import SumEncoder
from bighead.pipeline_lib.transforms.categories.target_encoder import TargetEncoder
from bighead.pipeline_lib.transforms.categories.woe_encoder import WOEEncoder

TRANSFORMS: tuple[type[Transformer], ...] = (
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
)

__all__ = [
    "TRANSFORMS",
    "BackwardDifferenceEncoder",
    "BaseNEncoder",
    "BinaryEncoder",
    "CountEncoder",
    "FrequencyEncoder",
    "HashEncoder",
    "HelmertEncoder",
    "JamesSteinEncoder",
    "LeaveOneOutEncoder",
    "MEstimateEncoder",
    "OneHotLabelEncoder",
    "OrdinalEncoder",
    "QuantileEncoder",
    "SumEncoder",
    "TargetEncoder",
    "WOEEncoder",
]
