"""Step 4 of 9, fit: some of the columns go on, the others are left out."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.selection.column_selector import ColumnSelector
from bighead.pipeline_lib.transforms.selection.drop_constant import DropConstant
from bighead.pipeline_lib.transforms.selection.drop_correlated import DropCorrelated
from bighead.pipeline_lib.transforms.selection.drop_duplicate import DropDuplicate
from bighead.pipeline_lib.transforms.selection.drop_high_missing import DropHighMissing
from bighead.pipeline_lib.transforms.selection.drop_high_psi import DropHighPSI
from bighead.pipeline_lib.transforms.selection.select_from_model import SelectFromModel
from bighead.pipeline_lib.transforms.selection.select_k_best import SelectKBest
from bighead.pipeline_lib.transforms.selection.select_mutual_information import SelectMutualInformation
from bighead.pipeline_lib.transforms.selection.variance_threshold import VarianceThreshold

TRANSFORMS: tuple[type[Transformer], ...] = (
    ColumnSelector,
    DropConstant,
    DropHighMissing,
    DropDuplicate,
    DropCorrelated,
    DropHighPSI,
    VarianceThreshold,
    SelectKBest,
    SelectMutualInformation,
    SelectFromModel,
)

__all__ = [
    "TRANSFORMS",
    "ColumnSelector",
    "DropConstant",
    "DropCorrelated",
    "DropDuplicate",
    "DropHighMissing",
    "DropHighPSI",
    "SelectFromModel",
    "SelectKBest",
    "SelectMutualInformation",
    "VarianceThreshold",
]
