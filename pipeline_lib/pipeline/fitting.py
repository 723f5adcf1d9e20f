"""Fits a pipeline's steps on what the steps before them make of the training rows.

1. What stands in `planned` is cut into waves: chains of steps that read columns of their own, beside each other.
2. The chains of a wave are fitted beside each other, each step on what the one before it made (rows × its columns).
3. What they read and wrote is noted in their order, as if they had been fitted one after the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.pipeline.graph import SOURCE, Column, Graph, Node
from bighead.pipeline_lib.pipeline.running import (
    Values,
    answered,
    beside,
    check_collisions,
    check_types,
    given,
    guard,
    place_of,
    take,
)
from bighead.pipeline_lib.pipeline.schema import InputType
from bighead.pipeline_lib.pipeline.scopes import PREVIOUS, Reads, Scopes
from bighead.pipeline_lib.pipeline.selecting import Select
from bighead.pipeline_lib.pipeline.transformer import Model, Transformer


@dataclass(frozen=True)
class Planned:
    """A step and what it reads: names, a choice, or everything that the pipeline holds by then (None).

    Where it `follows` the step before it, it reads what that one wrote of those columns, whatever its names.
    `within` leads to the pipelines within the pipeline that it belongs to: a key and the columns it was put on, each.
    """

    step: Transformer
    reads: tuple[str, ...] | Select | None
    follows: bool = False
    within: tuple[tuple[str, Reads], ...] = ()

    def cloned(self) -> Planned:
        """Return the same of an unfitted step."""
        return replace(self, step=self.step.clone())


@dataclass(frozen=True)
class Fitted:
    """A fitted step, what it read, and what it made of the training rows."""

    index: int
    step: Transformer
    reads: tuple[Column, ...]
    made: pl.DataFrame

    @property
    def written(self) -> tuple[Column, ...]:
        """What it made, as columns."""
        return tuple(Column(self.index, name) for name in self.made.columns)


def fit_graph(
    name: str,
    planned: Sequence[Planned],
    inputs: Sequence[InputType],
    frame: pl.DataFrame,
    labels: pl.Series | None,
    roles: Mapping[str, str] | None = None,
) -> Graph:
    """Fit every step on what the steps before it make of the frame.

    Raises:
        SchemaError: a step got columns that it does not take, or that are not there.
        DataError: a step could not learn or answer; the message names it and its columns.
        NameCollisionError: two steps write a column of one name.
    """
    values: Values = {Column(SOURCE, series.name): series for series in frame}
    scopes = Scopes([*values], values, roles or {})
    nodes: list[Node] = []
    waves = deque(_waves(planned))
    while waves:
        wave = waves.popleft()
        scopes.enter(_where(wave[0][0], planned), planned[wave[0][0]].within)
        waiting = [place for place, chain in enumerate(wave) if not scopes.holds(planned[chain[0]].reads)]
        if waiting and waiting[0]:
            # It reads what one before it will have written.
            waves.appendleft(wave[waiting[0] :])
            wave = wave[: waiting[0]]
        reads = {chain[0]: _reads(chain[0], planned, scopes) for chain in wave}
        works = [partial(_fit_chain, chain, planned, reads[chain[0]], values, labels) for chain in wave]
        for chain, fitted in zip(wave, beside(works, frame.height), strict=True):
            if len(wave) > 1 and (again := _reads(chain[0], planned, scopes)) != reads[chain[0]]:
                # A chain before it wrote a column that this one reads: it was fitted on the older version.
                fitted = _fit_chain(chain, planned, again, values, labels)
            for each in fitted:
                values |= {Column(each.index, series.name): series for series in each.made}
                live = scopes.write(each.reads, each.written)
                check_collisions(_where(each.index, planned), live)
                nodes.append(Node(each.index, each.step, each.reads, tuple(each.made.columns), live))
    return Graph(name, tuple(inputs), tuple(nodes))


def _waves(planned: Sequence[Planned]) -> Iterator[list[list[int]]]:
    """Chains of steps, by their places; those of a wave read names that no other of it reads."""
    chains: list[list[int]] = []
    for index, each in enumerate(planned):
        if each.follows and index and planned[index - 1].within == each.within:
            chains[-1].append(index)
        else:
            chains.append([index])
    wave: list[list[int]] = []
    taken: set[str] = set()
    for chain in chains:
        first = planned[chain[0]]
        names = first.reads if isinstance(first.reads, tuple) and not first.follows else None
        alone = names is None or any(planned[index].step.alone for index in chain)
        apart = not wave or first.within != planned[wave[0][0]].within or not taken.isdisjoint(names or ())
        if wave and (alone or apart):
            yield wave
            wave, taken = [], set()
        wave.append(chain)
        taken |= set(names or ())
        if alone:
            yield wave
            wave, taken = [], set()
    if wave:
        yield wave


def _where(index: int, planned: Sequence[Planned]) -> str:
    return place_of(index, planned[index].step)


def _reads(index: int, planned: Sequence[Planned], scopes: Scopes) -> tuple[Column, ...]:
    each = planned[index]
    return scopes.resolve(_where(index, planned), PREVIOUS if each.follows else each.reads)


def _fit_chain(
    chain: Sequence[int],
    planned: Sequence[Planned],
    reads: tuple[Column, ...],
    values: Mapping[Column, pl.Series],
    labels: pl.Series | None,
) -> list[Fitted]:
    """Fit steps one after the other; each reads what the one before it made."""
    fitted: list[Fitted] = []
    frame = take(values, reads)
    for index in chain:
        last = index == len(planned) - 1
        step = planned[index].step
        made = _fitted(_where(index, planned), step, given(step, frame), labels, last=last)
        fitted.append(Fitted(index, step, reads, made))
        frame, reads = made, fitted[-1].written
    return fitted


def _fitted(
    where: str, step: Transformer, frame: pl.DataFrame, labels: pl.Series | None, *, last: bool
) -> pl.DataFrame:
    """Fit a step and return what those behind it learn from."""
    check_types(where, step, frame)
    if isinstance(step, Model) and labels is None:
        raise DataError(f"{where} learns labels, and there are none.", cure="p.fit(frame, labels).")
    if last and isinstance(step, Model):
        # Nobody reads what the last model says of its own training rows.
        guard(where, frame, lambda: step.fit(frame, labels))
        return pl.DataFrame(schema=dict.fromkeys(step.answers(), pl.Float64))
    return answered(where, frame, lambda: step.fit_transform(frame, labels))
