"""LightGBM's own text of a model, read into trees.

Source: LightGBM's `Tree::ToString` and `GBDT::SaveModelToString`; a line is `name=values`, a blank line ends a tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.errors import DataError, UnsupportedStepError
from bighead.pipeline_lib.frameworks.infinite_thresholds import all_left, finite

# Bits of a node's `decision_type`: it tests categories; missing goes left; and two that say what is missing.
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_NO_MISSING, _ZERO_MISSING = 0, 1
_WORD = 32


@dataclass(frozen=True)
class LightGBMText:
    """What a model's text says, as far as answering goes."""

    objective: tuple[str, ...]
    averages: bool
    groups: int
    trees: tuple[dict[str, str], ...]

    @classmethod
    def read(cls, text: str) -> LightGBMText:
        """Return the model.

        Raises:
            DataError: the text is no model.
        """
        head, *trees = text.partition("\nend of trees")[0].split("\nTree=")
        told = _values(head)
        if "num_tree_per_iteration" not in told:
            raise DataError("this is no model of LightGBM's.", cure="Give what Booster.model_to_string says.")
        averages = "average_output" in head.splitlines()
        groups = int(told["num_tree_per_iteration"])
        objective = tuple(told.get("objective", "").split())
        return cls(objective, averages, groups, tuple(_values(tree) for tree in trees))

    def lowered(self, *, cover: bool = False) -> list[dict[str, Any]]:
        """Return the trees as the native plan reads them; with `cover`, the rows at each node too.

        Raises:
            UnsupportedStepError: leaves that hold lines.
        """
        return [_tree(tree, at % self.groups, cover=cover) for at, tree in enumerate(self.trees)]


def _values(lines: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in lines.splitlines())
    return {name: value for name, between, value in pairs if between}


def _tree(tree: dict[str, str], group: int, *, cover: bool) -> dict[str, Any]:
    if tree.get("is_linear", "0") != "0":
        raise UnsupportedStepError(
            "LightGBM's linear trees have no native form.", cure="It runs in Python, slower."
        )
    leaves = _floats(tree, "leaf_value")
    inner = len(leaves) - 1
    # Inner nodes come first, leaves behind them; a negative child names a leaf by its complement.
    left, right = (
        [child if child >= 0 else inner + ~child for child in _integers(tree, name)]
        for name in ("left_child", "right_child")
    )
    decisions, thresholds = _integers(tree, "decision_type"), _floats(tree, "threshold")
    ends = [-1] * len(leaves)
    unused = [0.0] * len(leaves)
    lowered: dict[str, Any] = {
        "group": group,
        "left": left + ends,
        "right": right + ends,
        "feature": _integers(tree, "split_feature") + [0] * len(leaves),
        "threshold": finite(thresholds) + unused,
        "default_left": [_default_left(d, t) for d, t in zip(decisions, thresholds, strict=True)]
        + [False] * len(leaves),
        "leaf": [0.0] * inner + leaves,
    }
    tests = [bool(each & _CATEGORICAL) for each in decisions]
    categories = _categories(tree, decisions, thresholds) + all_left(thresholds, tests)
    zeros = [not d & _CATEGORICAL and d >> 2 & 3 == _ZERO_MISSING for d in decisions]
    lowered |= {"categories": categories} if categories else {}
    lowered |= {"zero_is_missing": zeros + [False] * len(leaves)} if any(zeros) else {}
    if cover:
        lowered["cover"] = _floats(tree, "internal_count") + (_floats(tree, "leaf_count") or [1.0])
    return lowered


def _default_left(decision: int, threshold: float) -> bool:
    if decision & _CATEGORICAL:
        return False
    if decision >> 2 & 3 == _NO_MISSING:
        # A node that saw nothing missing takes it for 0.
        return threshold >= 0.0
    return bool(decision & _DEFAULT_LEFT)


def _categories(tree: dict[str, str], decisions: list[int], thresholds: list[float]) -> list[dict[str, Any]]:
    """The categories that go left at each node that tests them: bits of 32-bit words, by the place in `threshold`."""
    bounds, words = _integers(tree, "cat_boundaries"), _integers(tree, "cat_threshold")
    found = []
    for node, (decision, threshold) in enumerate(zip(decisions, thresholds, strict=True)):
        if decision & _CATEGORICAL:
            own = words[bounds[int(threshold)] : bounds[int(threshold) + 1]]
            codes = [bit for bit in range(_WORD * len(own)) if own[bit // _WORD] >> bit % _WORD & 1]
            found.append({"node": node, "codes": codes, "left": True})
    return found


def _floats(tree: dict[str, str], name: str) -> list[float]:
    return [float(each) for each in tree.get(name, "").split()]


def _integers(tree: dict[str, str], name: str) -> list[int]:
    return [int(each) for each in tree.get(name, "").split()]
