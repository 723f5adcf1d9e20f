"""What a definition is made of and what is made of it: tables and streams, sets, training sets, models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.features.chained_source import ChainedSource
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.training_set import TrainingSet

Kind = Literal["table", "stream", "feature set", "training set", "model"]
KINDS: tuple[Kind, ...] = ("table", "stream", "feature set", "training set", "model")


@dataclass(frozen=True, order=True)
class Node:
    """Something with a name in the way from sources to models."""

    kind: Kind
    name: str


class Lineage:
    """Edges from what is read to what reads it, walked both ways.

    Args:
        feature_sets: The sets there are.
        training_sets: Training sets whose features are resolved.
        models: The training set of each model, by the model's name.
    """

    def __init__(
        self,
        feature_sets: Iterable[FeatureSet],
        training_sets: Iterable[TrainingSet] = (),
        models: Mapping[str, str] | None = None,
    ) -> None:
        edges: set[tuple[Node, Node]] = set()
        nodes: set[Node] = set()
        for each in feature_sets:
            node = Node("feature set", each.name)
            nodes.add(node)
            edges |= {(source, node) for source in (*sources_of(each), *built_on(each))}
        for training in training_sets:
            node = Node("training set", training.name)
            nodes.add(node)
            edges.add((Node("table", training.left.table), node))
            edges |= {(Node("feature set", used.name), node) for used in training.feature_sets}
        for model, training_set in (models or {}).items():
            edges.add((Node("training set", training_set), Node("model", model)))
        self.edges = tuple(sorted(edges))
        self.nodes = tuple(sorted(nodes | {node for edge in edges for node in edge}))

    def upstream(self, node: Node) -> tuple[Node, ...]:
        """Return all that `node` is made of, at any distance, sorted by kind and name.

        Raises:
            UnknownNameError: nothing of that kind has the name.
        """
        return self._walk(node, {child: [] for _, child in self.edges}, back=True)

    def downstream(self, node: Node) -> tuple[Node, ...]:
        """Return all that is made of `node`, at any distance, sorted by kind and name.

        Raises:
            UnknownNameError: nothing of that kind has the name.
        """
        return self._walk(node, {parent: [] for parent, _ in self.edges}, back=False)

    def around(self, node: Node) -> tuple[tuple[Node, Node], ...]:
        """Return the edges among `node`, what it is made of and what is made of it."""
        kept = {node, *self.upstream(node)}
        after = {node, *self.downstream(node)}
        return tuple(edge for edge in self.edges if set(edge) <= kept or set(edge) <= after)

    def _walk(self, node: Node, near: dict[Node, list[Node]], *, back: bool) -> tuple[Node, ...]:
        if node not in self.nodes:
            raise UnknownNameError(node.kind, node.name, [n.name for n in self.nodes if n.kind == node.kind])
        for parent, child in self.edges:
            near[child if back else parent].append(parent if back else child)
        found: set[Node] = set()
        left = [node]
        while left:
            for each in near.get(left.pop(), []):
                if each not in found:
                    found.add(each)
                    left.append(each)
        return tuple(sorted(found, key=lambda each: (KINDS.index(each.kind), each.name)))


def built_on(feature_set: FeatureSet) -> tuple[Node, ...]:
    """Return the feature sets whose features a set's rows carry, and the training set they were taken from."""
    source = feature_set.source
    if not isinstance(source, ChainedSource):
        return ()
    sets = tuple(Node("feature set", each.name) for each in source.upstream)
    asked = (Node("training set", source.left.name),) if isinstance(source.left, TrainingSet) else ()
    return (*sets, *asked)


def sources_of(feature_set: FeatureSet) -> tuple[Node, ...]:
    """Return the tables and the stream that a set reads."""
    source = feature_set.source
    tables = tuple(Node("table", name) for name in source.tables)
    stream = getattr(source, "stream", None)
    return (*tables, Node("stream", stream)) if isinstance(stream, str) and stream else tables
