"""A pipeline as boxes and arrows, before anything is drawn: the one idea behind text, Mermaid and SVG."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field, dataclass, fields, is_dataclass
from typing import Any

from bighead.pipeline_lib.pipeline.builder import Pipeline
from bighead.pipeline_lib.pipeline.graph import SOURCE
from bighead.pipeline_lib.pipeline.selecting import Select
from bighead.pipeline_lib.pipeline.transformer import Transformer


@dataclass(frozen=True)
class Box:
    """Inputs, a step or the answer: a title, a line below it, and the columns it stands for."""

    key: str
    kind: str
    title: str
    note: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Arrow:
    """Columns that flow from one box to another; None where fitting has yet to tell how many."""

    source: str
    target: str
    columns: int | None


@dataclass(frozen=True)
class Drawing:
    """Boxes in the order of the data's way, and arrows between them."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    def layers(self) -> list[list[Box]]:
        """Return the boxes by the longest way to them."""
        depth: dict[str, int] = {}
        for box in self.boxes:
            before = [depth[arrow.source] for arrow in self.arrows if arrow.target == box.key]
            depth[box.key] = max(before, default=-1) + 1
        return [[b for b in self.boxes if depth[b.key] == level] for level in range(max(depth.values()) + 1)]


def drawing_of(pipeline: Pipeline) -> Drawing:
    """Return the boxes and arrows of a pipeline, fitted or not."""
    flows = _fitted(pipeline) if pipeline.fitted else _planned(pipeline)
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    sources: dict[tuple[str, ...], str] = {}
    for index, (names, parents, outputs) in enumerate(flows):
        if names is not None:
            key = sources.setdefault(names, f"inputs{len(sources)}")
            if key not in {box.key for box in boxes}:
                boxes.append(Box(key, "inputs", count("input", len(names)), _listed(names), names))
            arrows.append(Arrow(key, f"step{index}", len(names) or None))
        arrows += [Arrow(f"step{parent}", f"step{index}", number) for parent, number in parents]
        step = pipeline.steps[index]
        boxes.append(Box(f"step{index}", "step", type(step).__name__, _params(step), outputs))
    ends = {arrow.source for arrow in arrows}
    last = [box for box in boxes if box.kind == "step" and box.key not in ends]
    answers = tuple(pipeline.output_columns) if pipeline.fitted else ()
    title = count("answer", len(answers)) if answers else "answers"
    boxes.append(Box("answers", "answers", title, _listed(answers), answers))
    arrows += [Arrow(box.key, "answers", len(box.columns) or None) for box in last]
    return Drawing(pipeline.name, tuple(boxes), tuple(arrows))


# What a step reads: names from the source (None for none), steps before it with a number of columns; what it writes.
Flow = tuple[tuple[str, ...] | None, list[tuple[int, int | None]], tuple[str, ...]]


def _fitted(pipeline: Pipeline) -> Iterable[Flow]:
    for node in pipeline.graph.nodes:
        given = tuple(column.name for column in node.inputs if column.node == SOURCE)
        origins = [column.node for column in node.inputs if column.node != SOURCE]
        parents: list[tuple[int, int | None]] = [(each, origins.count(each)) for each in sorted(set(origins))]
        yield given or None, parents, node.outputs


def _planned(pipeline: Pipeline) -> Iterable[Flow]:
    owner: dict[str, int] = {}
    open_steps: list[int] = []
    for index, each in enumerate(pipeline.planned):
        parents: list[int]
        names: tuple[str, ...] | None = None
        if each.follows:
            parents = [index - 1]
        elif each.reads is None:
            parents = list(open_steps)
            names = () if not parents else None
        elif isinstance(each.reads, Select):
            parents, names = [], ()
        else:
            parents = sorted({owner[name] for name in each.reads if name in owner})
            names = tuple(name for name in each.reads if name not in owner) or None
        read = each.reads if isinstance(each.reads, tuple) else ()
        owner |= dict.fromkeys(read, index)
        open_steps = [step for step in open_steps if step not in parents] + [index]
        yield names, [(parent, None) for parent in parents], ()


def count(word: str, number: int) -> str:
    """Return a number with its word.

    >>> count("column", 1), count("column", 2), count("input", 0)
    ('1 column', '2 columns', 'all inputs')
    """
    return f"{number} {word}{'' if number == 1 else 's'}" if number else f"all {word}s"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _params(step: Transformer) -> str:
    """Parameters that were set to something else than their defaults."""
    defaults: dict[str, Field[Any]] = {}
    if is_dataclass(step):
        defaults = {field.name: field for field in fields(step)}
    given = {
        name: value
        for name, value in step.params().items()
        if name not in defaults or value != defaults[name].default
    }
    return ", ".join(f"{name}={value}" for name, value in given.items())
