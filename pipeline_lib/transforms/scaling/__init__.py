"""Step 4 of 9, fit: columns brought to one scale."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.scaling.clipper import Clipper
from bighead.pipeline_lib.transforms.scaling.max_abs_scaler import MaxAbsScaler
from bighead.pipeline_lib.transforms.scaling.min_max_scaler import MinMaxScaler
from bighead.pipeline_lib.transforms.scaling.normalizer import Normalizer
from bighead.pipeline_lib.transforms.scaling.power_transformer import PowerTransformer
from bighead.pipeline_lib.transforms.scaling.quantile_transformer import QuantileTransformer
from bighead.pipeline_lib.transforms.scaling.robust_scaler import RobustScaler
from bighead.pipeline_lib.transforms.scaling.standard_scaler import StandardScaler
from bighead.pipeline_lib.transforms.scaling.winsorizer import Winsorizer

TRANSFORMS: tuple[type[Transformer], ...] = (
    StandardScaler,
    MinMaxScaler,
    MaxAbsScaler,
    RobustScaler,
    Normalizer,
    QuantileTransformer,
    PowerTransformer,
    Winsorizer,
    Clipper,
)

__all__ = [
    "TRANSFORMS",
    "Clipper",
    "MaxAbsScaler",
    "MinMaxScaler",
    "Normalizer",
    "PowerTransformer",
    "QuantileTransformer",
    "RobustScaler",
    "StandardScaler",
    "Winsorizer",
]
