"""What scikit-learn asks of an estimator: `cross_val_score` and `GridSearchCV` take a pipeline as it is.

Source: scikit-learn's "Developing scikit-learn estimators". Nothing of scikit-learn is imported until it asks.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.pipeline.adapt import as_step
from bighead.pipeline_lib.pipeline.transformer import Model, Transformer

if TYPE_CHECKING:
    from sklearn.utils import Tags

_BETWEEN = "__"


class EstimatorProtocol:
    """Parameters by name, cloning and tags; steps are named as scikit-learn's `make_pipeline` names them.

    >>> from bighead.pipeline_lib.pipeline import Pipeline
    >>> from bighead.pipeline_lib.transforms import NaNToMean
    >>> p = Pipeline("nights")
    >>> p["n"] >>= NaNToMean()
    >>> p.set_params(nantomean__empty=0.0).get_params()["nantomean__empty"]
    0.0
    """

    name: str

    @property
    def steps(self) -> tuple[Transformer, ...]:
        """The steps in their order."""
        raise NotImplementedError

    @property
    def classes(self) -> list[Any]:
        """The classes of the classifier it ends in."""
        raise NotImplementedError

    @property
    def fitted(self) -> bool:
        """Whether it has learnt."""
        raise NotImplementedError

    def clone(self) -> Self:
        """Return an unfitted pipeline of the same steps."""
        raise NotImplementedError

    def _replace(self, place: int, step: Transformer) -> None:
        """Put another step in the place of one; the pipeline is then no longer fitted."""
        raise NotImplementedError

    @property
    def named_steps(self) -> dict[str, Transformer]:
        """The steps by name: that of the class in lower case, numbered where one comes twice."""
        names = [_class_name(step) for step in self.steps]
        counted, seen = Counter(names), Counter[str]()
        found = {}
        for name, step in zip(names, self.steps, strict=True):
            seen[name] += 1
            found[f"{name}-{seen[name]}" if counted[name] > 1 else name] = step
        return found

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the pipeline's name and, if `deep`, each step and each of its parameters as `step__parameter`."""
        found: dict[str, Any] = {"name": self.name}
        for name, step in self.named_steps.items() if deep else ():
            found[name] = getattr(step, "estimator", step)
            found |= {f"{name}{_BETWEEN}{key}": value for key, value in _parameters(step).items()}
        return found

    def set_params(self, **given: Any) -> Self:
        """Change parameters by the names of `get_params`, or whole steps by theirs, and return this pipeline.

        Raises:
            UnknownNameError: a step or parameter that there is not.
            DefinitionError: a value that a step does not take.
        """
        # Whole steps first, so that parameters given beside them are those of the new ones.
        for key, value in sorted(given.items(), key=lambda item: _BETWEEN in item[0]):
            self._set(key, value)
        return self

    def _set(self, key: str, value: Any) -> None:
        name, between, parameter = key.partition(_BETWEEN)
        if key == "name":
            self.name = value
            return
        named = self.named_steps
        if name not in named:
            raise UnknownNameError(f"step of the pipeline {self.name!r}", name, named)
        step = _changed(name, named[name], parameter, value) if between else as_step(value)
        self._replace([*named].index(name), step)

    @property
    def classes_(self) -> np.ndarray[Any, Any]:
        """The classes of the classifier it ends in, as scikit-learn's scorers read them."""
        return np.array(self.classes)

    def __sklearn_clone__(self) -> Self:
        return self.clone()

    def __sklearn_is_fitted__(self) -> bool:
        return self.fitted

    def __sklearn_tags__(self) -> Tags:
        from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags, TransformerTags

        last = self.steps[-1] if self.steps else None
        classifies = last.classifies if isinstance(last, Model) else None
        return Tags(
            estimator_type={True: "classifier", False: "regressor", None: None}[classifies],
            target_tags=TargetTags(required=isinstance(last, Model)),
            transformer_tags=TransformerTags(),
            classifier_tags=ClassifierTags() if classifies else None,
            regressor_tags=RegressorTags() if classifies is False else None,
            input_tags=InputTags(string=True, categorical=True, allow_nan=True),
        )


def _class_name(step: Transformer) -> str:
    return type(getattr(step, "estimator", step)).__name__.lower()


def _parameters(step: Transformer) -> dict[str, Any]:
    wrapped = getattr(step, "estimator", None)
    if wrapped is not None and hasattr(wrapped, "get_params"):
        return dict(wrapped.get_params())
    return step.params() if wrapped is None else {}


def _changed(name: str, step: Transformer, parameter: str, value: Any) -> Transformer:
    known: Sequence[str] = [*_parameters(step)]
    if parameter not in known:
        raise UnknownNameError(f"parameter of the step {name!r}", parameter, known)
    if dataclasses.is_dataclass(step):
        return type(step)(**{**step.params(), parameter: value})
    changed = step.clone()
    wrapped = getattr(changed, "estimator", None)
    if wrapped is None:
        raise DefinitionError(
            f"the step {name!r} has no parameters to set.", cure="Make it a dataclass, or set a new step."
        )
    wrapped.set_params(**{parameter: value})
    return changed
