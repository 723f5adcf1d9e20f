"""The graph of a fitted pipeline: which step reads which columns and writes which, down to the source inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bighead.pipeline_lib.pipeline.schema import InputType
from bighead.pipeline_lib.pipeline.transformer import Model, Transformer

SOURCE = -1


@dataclass(frozen=True, order=True)
class Column:
    """One version of a column: its name, and the node that wrote it (SOURCE for what the caller gives)."""

    node: int
    name: str


@dataclass(frozen=True)
class Node:
    """A fitted step with what it reads and writes; `live` is what the pipeline holds after it."""

    index: int
    step: Transformer
    inputs: tuple[Column, ...]
    outputs: tuple[str, ...]
    live: tuple[Column, ...]

    @property
    def written(self) -> tuple[Column, ...]:
        """Its outputs as columns."""
        return tuple(Column(self.index, name) for name in self.outputs)


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which each reads only what was written before it."""

    name: str
    inputs: tuple[InputType, ...]
    nodes: tuple[Node, ...]

    @property
    def outputs(self) -> tuple[Column, ...]:
        """The columns that the pipeline answers."""
        return self.nodes[-1].live

    @property
    def model(self) -> Model | None:
        """The model whose answers are the pipeline's, if it ends in one."""
        last = self.nodes[-1]
        return last.step if isinstance(last.step, Model) and last.live == last.written else None

    def without_unread(self) -> Graph:
        """Return the graph without inputs that no node reads."""
        read = {column.name for node in self.nodes for column in node.inputs if column.node == SOURCE}
        kept = tuple(each for each in self.inputs if each.name in read)
        return self if kept == self.inputs else replace(self, inputs=kept)

    def levels(self) -> list[list[Node]]:
        """Return the nodes by the longest way to them; those of a level read nothing of each other."""
        depth: dict[int, int] = {SOURCE: -1}
        levels: list[list[Node]] = []
        for node in self.nodes:
            place = depth[node.index] = 1 + max((depth[column.node] for column in node.inputs), default=-1)
            levels += [[]] if place == len(levels) else []
            levels[place].append(node)
        return levels

    def prefix(self, count: int) -> Graph:
        """Return the graph of the first `count` nodes, at least one."""
        return replace(self, nodes=self.nodes[:count])

    def lineage(self) -> dict[Column, tuple[str, ...]]:
        """Return the source inputs behind every column, in the order of the inputs."""
        order = {each.name: place for place, each in enumerate(self.inputs)}
        behind = {Column(SOURCE, name): frozenset({name}) for name in order}
        for node in self.nodes:
            by_name = {column.name: behind[column] for column in node.inputs}
            made_of = node.step.sources([column.name for column in node.inputs], node.outputs)
            for name, parts in made_of.items():
                behind[Column(node.index, name)] = frozenset().union(*(by_name[part] for part in parts))
        return {column: tuple(sorted(names, key=order.__getitem__)) for column, names in behind.items()}
