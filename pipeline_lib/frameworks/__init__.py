"""Step 4 of 9, fit: learners of other frameworks as steps, one adapter a file; none is imported before it fits."""

from __future__ import annotations

from bighead.pipeline_lib.frameworks.catboost_model import CatBoostClassifier, CatBoostRegressor
from bighead.pipeline_lib.frameworks.keras_model import KerasClassifier, KerasRegressor
from bighead.pipeline_lib.frameworks.lightgbm_classifier import LGBMClassifier
from bighead.pipeline_lib.frameworks.lightgbm_regressor import LGBMRegressor
from bighead.pipeline_lib.frameworks.logistic_regression import LogisticRegression
from bighead.pipeline_lib.frameworks.mixed_model_classifier import MixedModelClassifier
from bighead.pipeline_lib.frameworks.mixed_model_regressor import MixedModelRegressor
from bighead.pipeline_lib.frameworks.onnx_model import OnnxModel
from bighead.pipeline_lib.frameworks.sklearn_model import SklearnClassifier, SklearnRegressor
from bighead.pipeline_lib.frameworks.sklearn_transformer import SklearnTransformer
from bighead.pipeline_lib.frameworks.statsmodels_glm import GLMClassifier, GLMRegressor
from bighead.pipeline_lib.frameworks.torch_module import TorchClassifier, TorchRegressor
from bighead.pipeline_lib.frameworks.xgboost_classifier import XGBClassifier
from bighead.pipeline_lib.frameworks.xgboost_forests import XGBRFClassifier, XGBRFRegressor
from bighead.pipeline_lib.frameworks.xgboost_regressor import XGBRegressor
from bighead.pipeline_lib.pipeline.transformer import Transformer

# Those that are stored without pickle.
MODELS: tuple[type[Transformer], ...] = (
    CatBoostClassifier,
    CatBoostRegressor,
    GLMClassifier,
    GLMRegressor,
    KerasClassifier,
    KerasRegressor,
    LGBMClassifier,
    LGBMRegressor,
    LogisticRegression,
    MixedModelClassifier,
    MixedModelRegressor,
    OnnxModel,
    SklearnClassifier,
    SklearnRegressor,
    SklearnTransformer,
    TorchClassifier,
    TorchRegressor,
    XGBClassifier,
    XGBRegressor,
    XGBRFClassifier,
    XGBRFRegressor,
)

__all__ = [
    "MODELS",
    "CatBoostClassifier",
    "CatBoostRegressor",
    "GLMClassifier",
    "GLMRegressor",
    "KerasClassifier",
    "KerasRegressor",
    "LogisticRegression",
    "MixedModelClassifier",
    "MixedModelRegressor",
    "OnnxModel",
    "SklearnClassifier",
    "SklearnRegressor",
    "SklearnTransformer",
    "TorchClassifier",
    "TorchRegressor",
    "XGBClassifier",
    "XGBRFClassifier",
    "XGBRFRegressor",
    "XGBRegressor",
]
