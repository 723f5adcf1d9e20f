"""Fits and runs a pipeline's steps, one after the other, and says which step refused which columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import BigheadError, DataError, NameCollisionError, SchemaError, quoted
from bighead.pipeline_lib.pipeline.graph import SOURCE, Column, Graph, Node
from bighead.pipeline_lib.pipeline.schema import InputType, type_of
from bighead.pipeline_lib.pipeline.transformer import Model, Transformer

Values = dict[Column, pl.Series]


@dataclass(frozen=True)
class Planned:
    """A step and the names it reads; None reads everything that the pipeline holds by then.

    Where it `follows` the step before it, it reads what that one wrote of those columns, whatever its names.
    """

    step: Transformer
    reads: tuple[str, ...] | None
    follows: bool = False


def fit_graph(
    name: str,
    planned: Sequence[Planned],
    inputs: Sequence[InputType],
    frame: pl.DataFrame,
    labels: pl.Series | None,
) -> Graph:
    """Fit every step on what the steps before it make of the frame.

    Raises:
        SchemaError: a step got columns that it does not take.
        DataError: a step could not learn or answer; the message names it and its columns.
        NameCollisionError: two steps write a column of one name.
    """
    values: Values = {Column(SOURCE, series.name): series for series in frame}
    nodes: list[Node] = []
    live: tuple[Column, ...] = ()
    newest = {series.name: Column(SOURCE, series.name) for series in frame}
    for index, each in enumerate(planned):
        reads = _reads(each, nodes, newest)
        taken = _given(each.step, _take(values, reads))
        where = f"step {index} ({type(each.step).__name__})"
        _check_types(where, each.step, taken)
        if isinstance(each.step, Model) and labels is None:
            raise DataError(f"{where} learns labels, and there are none.", cure="p.fit(frame, labels).")
        made = _fitted(where, each.step, taken, labels, last=index == len(planned) - 1)
        gone = set(reads)
        live = (*(column for column in live if column not in gone), *(Column(index, c) for c in made.columns))
        _check_collisions(where, live)
        values |= {Column(index, series.name): series for series in made}
        newest |= {column: Column(index, column) for column in made.columns}
        nodes.append(Node(index, each.step, reads, tuple(made.columns), live))
    return Graph(name, tuple(inputs), tuple(nodes))


def _fitted(
    where: str, step: Transformer, frame: pl.DataFrame, labels: pl.Series | None, *, last: bool
) -> pl.DataFrame:
    """Fit a step and return what those behind it learn from."""
    if last and isinstance(step, Model):
        # Nobody reads what the last model says of its own training rows.
        _guard(where, frame, lambda: step.fit(frame, labels))
        return pl.DataFrame(schema=dict.fromkeys(step.answers(), pl.Float64))
    return _answered(where, frame, lambda: step.fit_transform(frame, labels))


def _reads(each: Planned, nodes: Sequence[Node], newest: Mapping[str, Column]) -> tuple[Column, ...]:
    if each.follows:
        return nodes[-1].written
    if each.reads is None:
        return nodes[-1].live if nodes else tuple(newest.values())
    return tuple(newest[column] for column in each.reads)


def run_graph(graph: Graph, frame: pl.DataFrame) -> pl.DataFrame:
    """Answer rows that already have the graph's inputs as its types.

    Raises:
        DataError: a step could not answer; the message names it and its columns.
    """
    values: Values = {Column(SOURCE, series.name): series for series in frame}
    for node in graph.nodes:
        where = f"step {node.index} ({type(node.step).__name__})"
        made = run_step(where, node.step, _given(node.step, _take(values, node.inputs)))
        if tuple(made.columns) != node.outputs:
            raise DataError(
                f"{where} made {quoted(made.columns)}, but at fit it made {quoted(node.outputs)}.",
                cure="A step makes the same columns for all rows.",
            )
        values |= {Column(node.index, series.name): series for series in made}
    return _take(values, graph.outputs)


def run_step(where: str, step: Transformer, frame: pl.DataFrame) -> pl.DataFrame:
    """Run one step and check that it answers a row for each row.

    Raises:
        DataError: it failed, or returned something else than as many rows.
    """
    return _answered(where, frame, lambda: step.transform(frame))


def _answered(where: str, frame: pl.DataFrame, work: Callable[[], Any]) -> pl.DataFrame:
    made: Any = _guard(where, frame, work)
    if not isinstance(made, pl.DataFrame) or made.height != frame.height:
        seen = f"{made.height} rows" if isinstance(made, pl.DataFrame) else f"a {type(made).__name__}"
        raise DataError(
            f"{where} answered {seen} for {frame.height} rows.",
            cure="A step returns a Polars frame, row by row.",
        )
    return made


def _take(values: Mapping[Column, pl.Series], columns: Sequence[Column]) -> pl.DataFrame:
    return pl.DataFrame([values[column].rename(column.name) for column in columns])


def _given(step: Transformer, frame: pl.DataFrame) -> pl.DataFrame:
    """Return columns as a step takes them: to one that knows no times, they are whole microseconds."""
    if "datetime" in step.takes or "int64" not in step.takes:
        return frame
    return frame.with_columns(pl.col(pl.Datetime).cast(pl.Int64))


def _guard(where: str, frame: pl.DataFrame, work: Any) -> Any:
    """Run a step's own code; whatever it raises names the step and what it was given."""
    try:
        return work()
    except DataError as error:
        raise type(error)(f"{where}: {error.message}", cure=error.cure) from error
    except BigheadError:
        raise
    except (ValueError, TypeError, ArithmeticError, KeyError, pl.exceptions.PolarsError) as error:
        columns = ", ".join(f"{name!r} {dtype}" for name, dtype in list(frame.schema.items())[:10])
        more = f" and {frame.width - 10} more" if frame.width > 10 else ""
        raise DataError(
            f"{where} failed on the columns {columns}{more}: {error}", cure="See the error it was caused by."
        ) from error


def _check_types(where: str, step: Transformer, frame: pl.DataFrame) -> None:
    odd = [f"{name!r} {dtype}" for name, dtype in frame.schema.items() if type_of(dtype) not in step.takes]
    if odd:
        raise SchemaError(
            f"{where} got the columns {', '.join(odd[:10])}; it takes {', '.join(sorted(step.takes))}.",
            cure=step.cure,
        )


def _check_collisions(where: str, live: Sequence[Column]) -> None:
    names = [column.name for column in live]
    doubled = (
        sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    )
    if doubled:
        raise NameCollisionError(
            f"{where} writes {quoted(doubled)}, which another step has written too.",
            cure="Give one of them other columns.",
        )
