"""MixedModelClassifier: a logistic model with effects of each entity."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.logistic_regression import sigmoid
from bighead.pipeline_lib.frameworks.mixed_model import MixedModel
from bighead.pipeline_lib.frameworks.penalized_quasi_likelihood import Array, Family
from bighead.pipeline_lib.pipeline.transformer import State


@dataclass(eq=False)
class MixedModelClassifier(MixedModel):
    """A generalised linear mixed model of two classes: log-odds = bias + Σ weight · x + the entity's own effects.

    The effects of an entity are drawn towards 0 by how much entities differ, so that few rows move them little. Fitted
    by penalised quasi-likelihood; the variance of effects comes out too small where entities have few rows each
    (Breslow and Clayton, JASA 1993). Arguments: see MixedModel.

    >>> frame = pl.DataFrame({"host": ["a", "b"] * 50, "x": [0.1 * n for n in range(100)]})
    >>> model = MixedModelClassifier("host")
    >>> model.fit(frame, pl.Series([int(n % 2 and n % 10 != 3) for n in range(100)]))
    >>> model.transform(pl.DataFrame({"host": ["a", "new", "b"], "x": [5.0] * 3}))["probability"].is_sorted()
    True

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: at fit, other than two classes, missing or infinite values.
    """

    classes: list[Any] = field(init=False, repr=False, default_factory=list)

    def label_family(self) -> Family:
        """Return that labels are 0 or 1."""
        return "binomial"

    def targets(self, labels: pl.Series) -> Array:
        """Return 1 for the second class."""
        codes, self.classes = label_codes.encode(labels)
        if len(self.classes) != 2:
            raise DataError(
                f"the labels have {len(self.classes)} classes, MixedModelClassifier learns two.",
                cure="Fit a model for each class against the others, or take LogisticRegression.",
            )
        return codes.astype(np.float64)

    def mean(self, margin: Array) -> Array:
        """Return probabilities."""
        return sigmoid(margin)

    def state(self) -> State:
        """Add the classes."""
        return {
            **super().state(),
            "classes": pl.DataFrame({"class": [json.dumps(each) for each in self.classes]}),
        }

    def restore(self, state: State) -> None:
        """Take up the classes, too."""
        super().restore(state)
        classes = state["classes"]
        assert isinstance(classes, pl.DataFrame)
        self.classes = [json.loads(each) for each in classes["class"]]
