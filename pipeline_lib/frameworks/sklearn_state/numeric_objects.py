"""Objects that are nothing but numbers: random states, sparse matrices, splines, trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from bighead.pipeline_lib.frameworks.sklearn_state import neighbour_trees, trees
from bighead.pipeline_lib.frameworks.sklearn_state.kind import Kind, Said

if TYPE_CHECKING:
    from bighead.pipeline_lib.frameworks.sklearn_state.graph import Apart, Together

MOST_ROWS = 1 << 31


class Random(Kind):
    """NumPy's random states and generators; the one that the process shares stays the process's."""

    name = "random"

    def holds(self, value: Any) -> bool:
        """Whether an object is of this kind."""
        return type(value) in (np.random.RandomState, np.random.Generator)

    def take(self, value: Any, apart: Apart, path: str) -> Said:
        """Return what it is made of."""
        if value is np.random.mtrand._rand:
            return {"new": None}
        if isinstance(value, np.random.RandomState):
            return {"new": apart.value(value.get_state(legacy=True), path)}
        if type(value.bit_generator) is not np.random.PCG64:
            raise ValueError("is a generator that is not PCG64")
        return {"new": apart.value(value.bit_generator.state, path)}

    def blank(self, said: Mapping[str, Any], together: Together) -> Any:
        """Return one made of what is said."""
        state = together.value(said["new"])
        if state is None:
            return np.random.mtrand._rand
        if isinstance(state, dict):
            bits = np.random.PCG64(0)
            bits.state = cast(Any, state)
            return np.random.Generator(bits)
        made = np.random.RandomState(0)
        made.set_state(state)
        return made


class Sparse(Kind):
    """A sparse matrix of SciPy."""

    name = "sparse"
    _classes = ("csr_matrix", "csr_array", "csc_matrix", "csc_array")

    def holds(self, value: Any) -> bool:
        """Whether an object is of this kind."""
        return type(value).__module__.startswith("scipy.sparse") and type(value).__name__ in self._classes

    def take(self, value: Any, apart: Apart, path: str) -> Said:
        """Return what it is made of."""
        parts = (value.data, value.indices, value.indptr, [int(each) for each in value.shape])
        return {"class": type(value).__name__, "new": [apart.value(each, path) for each in parts]}

    def blank(self, said: Mapping[str, Any], together: Together) -> Any:
        """Return one made of what is said."""
        import scipy.sparse

        if said["class"] not in self._classes:
            raise ValueError(f"{said['class']!r} is no sparse matrix")
        data, indices, indptr, shape = (together.value(each) for each in said["new"])
        if len(shape) != 2 or not all(0 <= int(length) <= MOST_ROWS for length in shape):
            raise ValueError(f"{shape} is no shape of a sparse matrix")
        made = getattr(scipy.sparse, said["class"])((data, indices, indptr), shape=tuple(shape))
        made.check_format(full_check=True)
        return made


class Spline(Kind):
    """A B-spline of SciPy."""

    name = "spline"

    def holds(self, value: Any) -> bool:
        """Whether an object is of this kind."""
        return type(value).__module__.startswith("scipy.interpolate") and type(value).__name__ == "BSpline"

    def take(self, value: Any, apart: Apart, path: str) -> Said:
        """Return what it is made of."""
        parts = (value.t, value.c, value.k, value.extrapolate, value.axis)
        return {"new": [apart.value(each, path) for each in parts]}

    def blank(self, said: Mapping[str, Any], together: Together) -> Any:
        """Return one made of what is said."""
        from scipy.interpolate import BSpline

        knots, weights, degree, extrapolate, axis = (together.value(each) for each in said["new"])
        return BSpline(knots, weights, int(degree), extrapolate=extrapolate, axis=int(axis))


class DecisionTree(Kind):
    """The nodes of a decision tree."""

    name = "tree"

    def holds(self, value: Any) -> bool:
        """Whether an object is of this kind."""
        return trees.is_tree(value)

    def take(self, value: Any, apart: Apart, path: str) -> Said:
        """Return what it is made of."""
        return {"new": apart.value(trees.parts(value), path)}

    def blank(self, said: Mapping[str, Any], together: Together) -> Any:
        """Return one made of what is said."""
        return trees.tree(together.value(said["new"]))


class NeighbourTree(Kind):
    """A KD-tree or ball tree: it is built again of its points, which gives the same one."""

    name = "neighbours"

    def holds(self, value: Any) -> bool:
        """Whether an object is of this kind."""
        return neighbour_trees.is_tree(value)

    def take(self, value: Any, apart: Apart, path: str) -> Said:
        """Return what it is made of."""
        return {"new": apart.value(neighbour_trees.parts(value), path)}

    def blank(self, said: Mapping[str, Any], together: Together) -> Any:
        """Return one made of what is said."""
        return neighbour_trees.tree(together.value(said["new"]))
