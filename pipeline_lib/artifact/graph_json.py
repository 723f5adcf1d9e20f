"""A fitted graph as JSON and back: nodes, what they read and write, their parameters, where their state lies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bighead.pipeline_lib.artifact.manifest import canonical
from bighead.pipeline_lib.artifact.step_names import step_name
from bighead.pipeline_lib.artifact.step_params import checked_params
from bighead.pipeline_lib.artifact.storable_steps import restored_step, stored_state
from bighead.pipeline_lib.errors import ArtifactError, UnsupportedStepError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.pipeline.dtypes import polars_type
from bighead.pipeline_lib.pipeline.fitting import Planned
from bighead.pipeline_lib.pipeline.graph import SOURCE, Column, Graph, Node
from bighead.pipeline_lib.pipeline.schema import InputType
from bighead.pipeline_lib.pipeline.scopes import PREVIOUS, Reads
from bighead.pipeline_lib.pipeline.selecting import Select

FORMAT = 1


def to_plain(pipeline: Pipeline) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a fitted pipeline as JSON values, and its state files by path.

    Raises:
        UnsupportedStepError: a step that cannot be stored.
        DataError: it is not fitted.
    """
    graph = pipeline.graph
    files: dict[str, bytes] = {}
    nodes = []
    for node, planned in zip(graph.nodes, pipeline.planned, strict=True):
        state = stored_state(node.index, node.step)
        files |= state
        nodes.append(
            {
                "step": step_name(node.step),
                "params": _json_values(node),
                "reads": _plain_reads(planned.reads),
                "follows": planned.follows,
                **_within(planned),
                "inputs": [[column.node, column.name] for column in node.inputs],
                "outputs": list(node.outputs),
                "live": [[column.node, column.name] for column in node.live],
                "state": sorted(state),
            }
        )
    inputs = [asdict(each) for each in graph.inputs]
    return {"format": FORMAT, "name": graph.name, "inputs": inputs, "nodes": nodes}, files


def from_plain(plain: Mapping[str, Any], files: Mapping[str, bytes]) -> Pipeline:
    """Return the fitted pipeline that `to_plain` took apart.

    Raises:
        ArtifactError: a graph that cannot be: unknown steps, or columns read before they are written.
    """
    try:
        if type(plain["format"]) is not int or plain["format"] != FORMAT:
            raise ArtifactError(
                f"graph.json has format {str(plain['format'])[:40]!r}, this Bighead reads {FORMAT}.",
                cure="Train again, or update.",
            )
        inputs = tuple(_input(each) for each in plain["inputs"])
        written = {Column(SOURCE, each.name) for each in inputs}
        nodes: list[Node] = []
        planned: list[Planned] = []
        for index, each in enumerate(plain["nodes"]):
            node = _node(index, each, files)
            written |= set(node.written)
            if not {*node.inputs, *node.live} <= written:
                raise ArtifactError(
                    f"node {index} of the graph reads what is never written.", cure="Train again."
                )
            nodes.append(node)
            within = tuple((str(key), _reads(reads)) for key, reads in each.get("within", ()))
            reads = _reads(each["reads"])
            if reads == PREVIOUS:
                raise ValueError("reads")
            planned.append(Planned(node.step, reads, bool(each["follows"]), within))
        return Pipeline.from_graph(Graph(plain["name"], inputs, tuple(nodes)), planned)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ArtifactError(f"graph.json lacks or garbles {error}.", cure="Train again.") from error


def _input(plain: Mapping[str, Any]) -> InputType:
    read = InputType(_text(plain["name"]), _text(plain["dtype"]))
    polars_type(read.dtype)
    return read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:100]!r}, which is no text")
    return value


def _node(index: int, plain: Mapping[str, Any], files: Mapping[str, bytes]) -> Node:
    prefix = f"state/{index}."
    state = {path.removeprefix(prefix): files[path] for path in plain["state"]}
    return Node(
        index,
        restored_step(plain["step"], plain["params"], state),
        tuple(Column(node, _text(name)) for node, name in plain["inputs"]),
        tuple(_text(name) for name in plain["outputs"]),
        tuple(Column(node, _text(name)) for node, name in plain["live"]),
    )


def _json_values(node: Node) -> dict[str, Any]:
    params = node.step.params()
    odd = [name for name, value in params.items() if not _is_json(value)]
    if odd:
        raise UnsupportedStepError(
            f"step {node.index}: the parameter {odd[0]!r} is no JSON value.",
            cure="Give numbers, texts, truths, None, or lists of these.",
        )
    try:
        # What could not be taken up again is not stored.
        checked_params(type(node.step), json.loads(canonical(params)))
    except (TypeError, ValueError) as error:
        raise UnsupportedStepError(
            f"step {node.index}: {error}.", cure="Give it what its field declares."
        ) from error
    return params


def _within(planned: Planned) -> dict[str, Any]:
    # Steps of no pipeline within the pipeline stay as they were before there were any, and so do their hashes.
    return {"within": [[key, _plain_reads(reads)] for key, reads in planned.within]} if planned.within else {}


def _plain_reads(reads: Reads) -> Any:
    if isinstance(reads, Select):
        return {"select": reads.to_plain()}
    return list(reads) if isinstance(reads, tuple) else reads


def _reads(plain: Any) -> Reads:
    if isinstance(plain, dict):
        return Select.from_plain(plain["select"])
    if plain == PREVIOUS:
        return PREVIOUS
    return None if plain is None else tuple(str(name) for name in plain)


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return all(_is_json(each) for each in value)
    return isinstance(value, str | int | float | bool | None)
