"""Step 4 of 9, fit: pipelines as most people would write them, one a file, for given columns."""

from __future__ import annotations

from bighead.pipeline_lib.predefined.gradient_boosted_trees import gradient_boosted_trees
from bighead.pipeline_lib.predefined.image_cnn import image_cnn
from bighead.pipeline_lib.predefined.linear_svm import linear_svm
from bighead.pipeline_lib.predefined.logistic_regression import logistic_regression
from bighead.pipeline_lib.predefined.mixed_effects import mixed_effects
from bighead.pipeline_lib.predefined.multi_layer_perceptron import multi_layer_perceptron
from bighead.pipeline_lib.predefined.rbf_svm import rbf_svm
from bighead.pipeline_lib.predefined.text_cnn import text_cnn

__all__ = [
    "gradient_boosted_trees",
    "image_cnn",
    "linear_svm",
    "logistic_regression",
    "mixed_effects",
    "multi_layer_perceptron",
    "rbf_svm",
    "text_cnn",
]
