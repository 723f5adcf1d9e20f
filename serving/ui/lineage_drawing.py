"""Where boxes and lines of a lineage lie: sources, sets, training sets and models, from left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.features.lineage import Lineage, Node

BOX, GAP, ROW, HIGH = 190, 50, 52, 40
_MOST = 14
_LETTERS = 23


@dataclass(frozen=True)
class Box:
    """A node: where its upper left corner lies, what it is called, where it leads, whether it is this page's."""

    x: float
    y: float
    kind: str
    name: str
    label: str
    href: str
    here: bool


@dataclass(frozen=True)
class Drawing:
    """Boxes and the curves between them, in SVG user units; `left_out` counts nodes for which there is no room."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    curves: tuple[str, ...]
    left_out: int
    box_width: int = BOX
    box_height: int = HIGH


def draw_lineage(lineage: Lineage, here: Node, links: Mapping[Node, str]) -> Drawing:
    """Return the drawing of what `here` is made of and what is made of it."""
    edges = lineage.around(here)
    nodes = sorted({here, *(node for edge in edges for node in edge)})
    kept = [_cut(listed, here) for listed in _columns(nodes, edges)]
    rows = max(len(listed) for listed in kept)
    places: dict[Node, tuple[float, float]] = {}
    for number, listed in enumerate(kept):
        top = (rows - len(listed)) * ROW / 2
        for index, node in enumerate(listed):
            places[node] = (number * (BOX + GAP) + 1, top + index * ROW + 6)
    curves = tuple(
        _curve(places[one], places[other]) for one, other in edges if one in places and other in places
    )
    boxes = tuple(
        Box(*place, node.kind, node.name, _short(node.name), links.get(node, ""), node == here)
        for node, place in places.items()
    )
    width = len(kept) * BOX + (len(kept) - 1) * GAP + 2
    return Drawing(width, rows * ROW, boxes, curves, len(nodes) - len(places))


def _columns(nodes: Sequence[Node], edges: Sequence[tuple[Node, Node]]) -> list[list[Node]]:
    """Each node stands right of whatever leads to it: sets that are built on sets have a column of their own."""
    found: list[list[Node]] = []
    left = list(nodes)
    while left:
        waiting = {other for one, other in edges if one in left}
        ready = [node for node in left if node not in waiting] or left
        found.append(ready)
        left = [node for node in left if node not in ready]
    return found


def _cut(listed: Sequence[Node], here: Node) -> list[Node]:
    first = sorted(listed, key=lambda node: (node != here, node.kind, node.name))[:_MOST]
    return sorted(first, key=lambda node: (node.kind, node.name))


def _curve(one: tuple[float, float], other: tuple[float, float]) -> str:
    x1, y1, x2, y2 = one[0] + BOX, one[1] + HIGH / 2, other[0], other[1] + HIGH / 2
    middle = (x1 + x2) / 2
    return f"M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
