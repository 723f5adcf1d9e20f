"""Lowers a fitted pipeline to the native serving plan: one call that runs every step, without Python."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.pipeline.graph import SOURCE, Column, Graph
from bighead.pipeline_lib.pipeline.schema import in_microseconds

FORMAT = 1
# The kinds of inputs that a plan holds.
PLAN = frozenset({"float64", "int64", "bool", "string", "datetime"})


def lower(graph: Graph, nullable: Mapping[str, bool] | None = None) -> dict[str, Any]:
    """Return the plan's spec, as `bighead_kernels.Plan.from_spec` reads it in JSON.

    Args:
        graph: A fitted graph.
        nullable: Inputs that may be missing, by name; by default all may.

    Raises:
        UnsupportedStepError: a step has no native form; the message names it.
    """
    odd = [each for each in graph.inputs if each.family not in PLAN]
    if odd:
        raise UnsupportedStepError(
            f"the input {odd[0].name!r} is {odd[0].dtype}, which the native plan does not hold.",
            cure="It runs in Python, slower.",
        )
    slots = _slots(graph)
    may_lack = nullable or {}
    steps: list[dict[str, Any]] = []
    for node in graph.nodes:
        reads = [slots[column] for column in node.inputs]
        try:
            steps += node.step.lower(reads, [slots[column] for column in node.written])
        except UnsupportedStepError as error:
            raise UnsupportedStepError(f"step {node.index}: {error.message}", cure=error.cure) from error
    inputs = [
        {"name": each.name, "dtype": each.slot, "nullable": may_lack.get(each.name, True)}
        for each in graph.inputs
    ]
    outputs = [slots[column] for column in graph.outputs]
    return plan_spec(inputs, steps, outputs)


def plan_spec(
    inputs: Sequence[Mapping[str, Any]], steps: Sequence[Mapping[str, Any]], outputs: Sequence[str]
) -> dict[str, Any]:
    """Return a plan's spec: its inputs with their types, its steps, and the names that it answers."""
    return {"format": FORMAT, "inputs": list(inputs), "steps": list(steps), "outputs": list(outputs)}


def plan_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows as the plan reads them: times are whole microseconds."""
    return in_microseconds(frame).to_dicts()


def to_json(spec: Mapping[str, Any]) -> str:
    """Return a spec as canonical JSON."""
    return json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _slots(graph: Graph) -> dict[Column, str]:
    """Give every version of a column a name of its own; answers keep theirs unless an input has it."""
    slots = {Column(SOURCE, each.name): each.name for each in graph.inputs}
    taken = set(slots.values())
    answers = set(graph.outputs)
    for node in graph.nodes:
        for column in node.written:
            name = column.name if column in answers else f"{node.index}:{column.name}"
            while name in taken:
                name = f"{node.index}:{name}"
            slots[column] = name
            taken.add(name)
    return slots
