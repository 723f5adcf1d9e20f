"""scikit-learn's own objects: estimators, the parts they hold, and losses of compiled code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bighead.pipeline_lib.frameworks.sklearn_state import trees
from bighead.pipeline_lib.frameworks.sklearn_state.classes import (
    COMPILED_MODULES,
    PART_MODULES,
    estimator_at,
    is_estimator,
    part_at,
    path_of,
)
from bighead.pipeline_lib.frameworks.sklearn_state.consistency import check_estimator
from bighead.pipeline_lib.frameworks.sklearn_state.kind import Kind, Said

if TYPE_CHECKING:
    from bighead.pipeline_lib.frameworks.sklearn_state.graph import Apart, Together

_VERSION = "_sklearn_version"


class Estimator(Kind):
    """An estimator of scikit-learn, with the attributes that it pickles itself by."""

    name = "estimator"

    def holds(self, value: Any) -> bool:
        """Whether an object is of this kind."""
        return is_estimator(type(value))

    def take(self, value: Any, apart: Apart, path: str) -> Said:
        """Return what it is made of."""
        state = {name: each for name, each in value.__getstate__().items() if name != _VERSION}
        # A cache is read as pickle when it is fitted again.
        if state.pop("memory", None) is not None:
            raise ValueError("caches in files by memory=…; give None")
        said = {name: apart.value(each, f"{path}.{name}") for name, each in _timeless(state).items()}
        return {"class": path_of(type(value)), "state": said}

    def blank(self, said: Mapping[str, Any], together: Together) -> Any:
        """Return one made of what is said."""
        return object.__new__(estimator_at(said["class"]))

    def fill(self, made: Any, said: Mapping[str, Any], together: Together) -> None:
        """Give it its attributes."""
        import sklearn

        state = {name: together.value(each) for name, each in said["state"].items()}
        if state.get("input", "content") != "content":
            raise ValueError("an estimator that reads files named by its input")
        if "memory" in type(made)._get_param_names():
            state["memory"] = None
        made.__setstate__({**state, _VERSION: sklearn.__version__})

    def check(self, made: Any) -> None:
        """Refuse one whose parts do not fit."""
        check_estimator(made)


def _timeless(state: Said) -> Said:
    """What was learnt, without how long a search took: equal training gives equal bytes."""
    kept = {name: each for name, each in state.items() if name != "refit_time_"}
    if isinstance(kept.get("cv_results_"), dict):
        kept["cv_results_"] = {
            name: each for name, each in kept["cv_results_"].items() if not name.endswith("_time")
        }
    return kept


class Part(Kind):
    """An object of scikit-learn's that is its attributes: losses, kernels, splitters, boosted trees."""

    name = "part"

    def holds(self, value: Any) -> bool:
        """Whether an object is of this kind."""
        return type(value).__module__ in PART_MODULES and hasattr(value, "__dict__")

    def take(self, value: Any, apart: Apart, path: str) -> Said:
        """Return what it is made of."""
        said = {name: apart.value(each, f"{path}.{name}") for name, each in vars(value).items()}
        return {"class": path_of(type(value)), "state": said}

    def blank(self, said: Mapping[str, Any], together: Together) -> Any:
        """Return one made of what is said."""
        return object.__new__(part_at(said["class"], PART_MODULES))

    def fill(self, made: Any, said: Mapping[str, Any], together: Together) -> None:
        """Give it its attributes."""
        for name, each in said["state"].items():
            # Past a class that is frozen.
            object.__setattr__(made, str(name), together.value(each))

    def check(self, made: Any) -> None:
        """Refuse one whose parts do not fit."""
        if type(made).__name__ == "TreePredictor":
            trees.check_predictor(made)


class Compiled(Kind):
    """A loss of scikit-learn's compiled code: it is made of numbers."""

    name = "compiled"
    _empty = ("CyHalfMultinomialLoss",)

    def holds(self, value: Any) -> bool:
        """Whether an object is of this kind."""
        return type(value).__module__ in COMPILED_MODULES

    def take(self, value: Any, apart: Apart, path: str) -> Said:
        """Return what it is made of."""
        make, given = value.__reduce__()[:2]
        # Some say the code to unpickle them instead of their class; they hold nothing.
        numbers = given if make is type(value) else () if type(value).__name__ in self._empty else (None,)
        if not all(type(each) in (int, float) for each in numbers):
            raise ValueError("is not made of numbers")
        return {"class": path_of(type(value)), "new": [apart.value(each, path) for each in numbers]}

    def blank(self, said: Mapping[str, Any], together: Together) -> Any:
        """Return one made of what is said."""
        numbers = [together.value(each) for each in said["new"]]
        if not all(type(each) in (int, float) for each in numbers):
            raise ValueError("a loss is made of numbers")
        return part_at(said["class"], COMPILED_MODULES)(*numbers)
