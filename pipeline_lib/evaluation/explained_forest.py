"""The forest of a fitted model with the training data at its nodes: what explaining its answers needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.frameworks.lightgbm_model import LGBMModel
from bighead.pipeline_lib.frameworks.lightgbm_text import LightGBMText
from bighead.pipeline_lib.frameworks.lightgbm_trees import forest as lightgbm_forest
from bighead.pipeline_lib.frameworks.sklearn_lowering.trees import lower_sklearn_trees
from bighead.pipeline_lib.frameworks.sklearn_model import SklearnModel
from bighead.pipeline_lib.frameworks.xgboost_links import base_margins
from bighead.pipeline_lib.frameworks.xgboost_model import XGBModel
from bighead.pipeline_lib.frameworks.xgboost_trees import forest as xgboost_forest
from bighead.pipeline_lib.pipeline.transformer import Model, PlanStep


@dataclass(frozen=True)
class ExplainedForest:
    """Plan steps that write what the forest reads, the forest with covers, and what its sums are divided by."""

    coding: tuple[PlanStep, ...]
    trees: PlanStep
    divisor: float = 1.0

    def origins(self, inputs: Sequence[str]) -> list[str]:
        """Return the input that each column of the forest is made of."""
        made = dict(zip(inputs, inputs, strict=True))
        for step in self.coding:
            made[step["output"]] = made[step["input"]]
        return [made[name] for name in self.trees["inputs"]]


def explained_forest(model: Model, inputs: Sequence[str]) -> ExplainedForest:
    """Return the forest of a fitted model, reading these names.

    Raises:
        UnsupportedStepError: the model is no forest.
    """
    outputs = list(model.answers())
    if isinstance(model, XGBModel) and model.booster != "gblinear":
        names, coding = model.lower_inputs(inputs, outputs[0])
        told = model.model()
        stored = told["learner"]["learner_model_param"]["base_score"]
        base = base_margins(told["learner"]["objective"]["name"], stored, len(outputs))
        return ExplainedForest(tuple(coding), xgboost_forest(told, names, outputs, base, cover=True))
    if isinstance(model, LGBMModel):
        names, coding = model.lower_inputs(inputs, outputs[0])
        text = LightGBMText.read(model.text())
        divisor = len(text.trees) / text.groups if text.averages else 1.0
        return ExplainedForest(tuple(coding), lightgbm_forest(text, names, outputs, cover=True), divisor)
    steps = None
    if isinstance(model, SklearnModel):
        steps = lower_sklearn_trees(model.estimator, inputs, outputs, cover=True)
    if steps is None:
        raise UnsupportedStepError(
            f"a {type(model).__name__} is no forest.",
            cure='Explain it by importance(pipeline, frame, labels, method="permutation").',
        )
    at = [step["op"] for step in steps].index("trees")
    scales = [step["scale"] for step in steps[at + 1 :] if step["op"] == "affine"]
    # A forest whose answers are means of its trees divides them; boosted trees do not.
    averages = type(getattr(model, "estimator", None)).__name__.startswith(("RandomForest", "ExtraTrees"))
    return ExplainedForest(tuple(steps[:at]), steps[at], scales[0] if averages else 1.0)
