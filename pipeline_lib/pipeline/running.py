"""Runs the steps of a fitted pipeline, independent ones beside each other, and says which step refused what."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import polars as pl

from bighead.pipeline_lib.errors import BigheadError, DataError, NameCollisionError, SchemaError, quoted
from bighead.pipeline_lib.pipeline.graph import SOURCE, Column, Graph, Node
from bighead.pipeline_lib.pipeline.schema import in_microseconds, type_of
from bighead.pipeline_lib.pipeline.transformer import Transformer

Values = dict[Column, pl.Series]
# Fewer rows are through before a thread has begun.
MANY_ROWS = 20_000
_T = TypeVar("_T")


def run_graph(graph: Graph, frame: pl.DataFrame) -> pl.DataFrame:
    """Answer rows that already have the graph's inputs as its types.

    Raises:
        DataError: a step could not answer; the message names it and its columns.
    """
    values: Values = {Column(SOURCE, series.name): series for series in frame}
    for level in graph.levels():
        together = beside([partial(_run_node, node, values) for node in level], frame.height)
        for node, made in zip(level, together, strict=True):
            values |= {Column(node.index, series.name): series for series in made}
    return take(values, graph.outputs)


def _run_node(node: Node, values: Mapping[Column, pl.Series]) -> pl.DataFrame:
    where = place_of(node.index, node.step)
    made = run_step(where, node.step, given(node.step, take(values, node.inputs)))
    if tuple(made.columns) != node.outputs:
        raise DataError(
            f"{where} made {quoted(made.columns)}, but at fit it made {quoted(node.outputs)}.",
            cure="A step makes the same columns for all rows.",
        )
    return made


def place_of(index: int, step: Transformer) -> str:
    """Return a step's place and kind, as errors name it."""
    return f"step {index} ({type(step).__name__})"


def beside(works: Sequence[Callable[[], _T]], rows: int) -> list[_T]:
    """Do independent works, in threads where that is worth it; the first error in their order is raised."""
    if len(works) < 2 or rows < MANY_ROWS:
        return [work() for work in works]
    with ThreadPoolExecutor(min(len(works), os.cpu_count() or 1)) as pool:
        return [future.result() for future in [pool.submit(work) for work in works]]


def run_step(where: str, step: Transformer, frame: pl.DataFrame) -> pl.DataFrame:
    """Run one step and check that it answers a row for each row.

    Raises:
        DataError: it failed, or returned something else than as many rows.
    """
    return answered(where, frame, lambda: step.transform(frame))


def answered(where: str, frame: pl.DataFrame, work: Callable[[], Any]) -> pl.DataFrame:
    """Do a step's work and check that it answers a row for each row."""
    made: Any = guard(where, frame, work)
    if not isinstance(made, pl.DataFrame) or made.height != frame.height:
        seen = f"{made.height} rows" if isinstance(made, pl.DataFrame) else f"a {type(made).__name__}"
        raise DataError(
            f"{where} answered {seen} for {frame.height} rows.",
            cure="A step returns a Polars frame, row by row.",
        )
    return made


def take(values: Mapping[Column, pl.Series], columns: Sequence[Column]) -> pl.DataFrame:
    """Return columns as a frame by their names."""
    return pl.DataFrame([values[column].rename(column.name) for column in columns])


def given(step: Transformer, frame: pl.DataFrame) -> pl.DataFrame:
    """Return columns as a step takes them: to one that knows no times, they are whole microseconds."""
    if "datetime" in step.takes or "int64" not in step.takes:
        return frame
    return in_microseconds(frame)


def guard(where: str, frame: pl.DataFrame, work: Any) -> Any:
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


def check_types(where: str, step: Transformer, frame: pl.DataFrame) -> None:
    """Refuse columns of kinds that a step does not take."""
    odd = [f"{name!r} {dtype}" for name, dtype in frame.schema.items() if type_of(dtype) not in step.takes]
    if odd:
        raise SchemaError(
            f"{where} got the columns {', '.join(odd[:10])}; it takes {', '.join(sorted(step.takes))}.",
            cure=step.cure,
        )


def check_collisions(where: str, live: Sequence[Column]) -> None:
    """Refuse two live columns of one name."""
    names = [column.name for column in live]
    doubled = (
        sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    )
    if doubled:
        raise NameCollisionError(
            f"{where} writes {quoted(doubled)}, which another step has written too.",
            cure="Give one of them other columns.",
        )
