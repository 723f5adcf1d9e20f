"""Step 4 of 9, fit: numbers calculated of a row's numbers."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.arithmetic.cyclical_encoder import CyclicalEncoder
from bighead.pipeline_lib.transforms.arithmetic.difference import Difference
from bighead.pipeline_lib.transforms.arithmetic.functions_of_a_number import (
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
from bighead.pipeline_lib.transforms.arithmetic.math_features import MathFeatures
from bighead.pipeline_lib.transforms.arithmetic.polynomial_features import PolynomialFeatures
from bighead.pipeline_lib.transforms.arithmetic.ratio import Ratio
from bighead.pipeline_lib.transforms.arithmetic.round_transformer import RoundTransformer

TRANSFORMS: tuple[type[Transformer], ...] = (
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
)

__all__ = [
    "TRANSFORMS",
    "AbsTransformer",
    "ArcsinTransformer",
    "CyclicalEncoder",
    "Difference",
    "ExpTransformer",
    "Log1pTransformer",
    "LogTransformer",
    "MathFeatures",
    "PolynomialFeatures",
    "Ratio",
    "ReciprocalTransformer",
    "RoundTransformer",
    "SignTransformer",
    "SqrtTransformer",
    "SquareTransformer",
]
