"""Step 4 of 9, fit: numbers cut into bins."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.binning.binarizer import Binarizer
from bighead.pipeline_lib.transforms.binning.custom_bins import CustomBins
from bighead.pipeline_lib.transforms.binning.decision_tree_discretizer import DecisionTreeDiscretizer
from bighead.pipeline_lib.transforms.binning.k_bins_discretizer import KBinsDiscretizer

TRANSFORMS: tuple[type[Transformer], ...] = (
    Binarizer,
    CustomBins,
    KBinsDiscretizer,
    DecisionTreeDiscretizer,
)

__all__ = ["TRANSFORMS", "Binarizer", "CustomBins", "DecisionTreeDiscretizer", "KBinsDiscretizer"]
