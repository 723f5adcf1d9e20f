"""All kinds of objects that an estimator may be made of, by name."""

from __future__ import annotations

from typing import Any

from bighead.pipeline_lib.frameworks.sklearn_state.kind import Kind
from bighead.pipeline_lib.frameworks.sklearn_state.numeric_objects import (
    DecisionTree,
    NeighbourTree,
    Random,
    Sparse,
    Spline,
)
from bighead.pipeline_lib.frameworks.sklearn_state.own_objects import Compiled, Estimator, Part

_ALL = (
    Estimator(),
    Part(),
    Compiled(),
    Random(),
    Sparse(),
    Spline(),
    DecisionTree(),
    NeighbourTree(),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


def kind_of(value: Any) -> Kind | None:
    """Return the kind of an object; None where it cannot be stored."""
    return next((kind for kind in _ALL if kind.holds(value)), None)
