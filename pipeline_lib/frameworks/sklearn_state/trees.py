"""Decision trees: their nodes as arrays, and a look at each node before compiled code follows it."""

from __future__ import annotations

from typing import Any

import numpy as np


def is_tree(value: Any) -> bool:
    """Whether an object holds a decision tree's nodes."""
    return (type(value).__module__, type(value).__name__) == ("sklearn.tree._tree", "Tree")


def parts(value: Any) -> dict[str, Any]:
    """Return what a tree is made of."""
    features, classes, outputs = value.__reduce__()[1]
    return {"n_features": features, "n_classes": classes, "n_outputs": outputs, **value.__getstate__()}


def tree(held: dict[str, Any]) -> Any:
    """Return the tree of its parts.

    Raises:
        ValueError: nodes that lead nowhere, or in a circle.
    """
    from sklearn.tree._tree import Tree

    features, nodes = int(held.pop("n_features")), held["nodes"]
    classes, outputs = held.pop("n_classes"), int(held.pop("n_outputs"))
    count = len(nodes)
    if held["node_count"] != count or len(held["values"]) != count or count == 0 or len(classes) != outputs:
        raise ValueError("the parts of a tree do not fit")
    inner = nodes["left_child"] >= 0
    _check_children(nodes["left_child"], nodes["right_child"], inner)
    # Compiled code takes −1 alone for the end of a way.
    if (nodes["left_child"][~inner] != -1).any() or (nodes["right_child"][~inner] != -1).any():
        raise ValueError("a leaf of a tree has a child")
    _check_features(nodes["feature"][inner], features)
    made = Tree(features, np.ascontiguousarray(classes, dtype=np.intp), outputs)
    made.__setstate__(held)
    return made


def check_predictor(predictor: Any) -> None:
    """Refuse a boosted tree whose nodes lead nowhere.

    Raises:
        ValueError: naming what is wrong.
    """
    nodes = predictor.nodes
    if not isinstance(nodes, np.ndarray) or nodes.ndim != 1 or not len(nodes):
        raise ValueError("a boosted tree has no nodes")
    inner = nodes["is_leaf"] == 0
    _check_children(nodes["left"], nodes["right"], inner)
    categorical = inner & (nodes["is_categorical"] != 0)
    for name in ("binned_left_cat_bitsets", "raw_left_cat_bitsets"):
        sets = getattr(predictor, name)
        if (
            not isinstance(sets, np.ndarray)
            or sets.ndim != 2
            or sets.dtype != np.uint32
            or sets.shape[1] != 8
        ):
            raise ValueError(f"{name} of a boosted tree are not sets of 256 categories")
        if (nodes["bitset_idx"][categorical].astype(np.int64) >= len(sets)).any():
            raise ValueError("a node of a boosted tree has no set of categories")


def _check_children(left: Any, right: Any, inner: Any) -> None:
    """Children come after their parents, so every way ends."""
    places = np.flatnonzero(inner)
    for children in (left, right):
        chosen = children[inner].astype(np.int64)
        if (chosen <= places).any() or (chosen >= len(children)).any():
            raise ValueError("a node of a tree leads nowhere, or back")


def _check_features(used: Any, features: int) -> None:
    if len(used) and (used.min() < 0 or used.max() >= features):
        raise ValueError(f"a node of a tree asks for column {used.max()} of {features}")
