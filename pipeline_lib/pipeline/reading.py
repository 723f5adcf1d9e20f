"""Which columns of a training set a pipeline may read, and the refusal of those that a step could never take."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.pipeline.dtypes import word_of
from bighead.pipeline_lib.pipeline.fitting import Planned
from bighead.pipeline_lib.pipeline.native import NativeTransformer
from bighead.pipeline_lib.pipeline.running import check_types, given, place_of
from bighead.pipeline_lib.pipeline.schema import InputType, check_present, conform, types_of
from bighead.pipeline_lib.pipeline.selecting import Select


def inputs_of(
    where: str, data: pl.DataFrame, planned: Sequence[Planned], label: str | None
) -> tuple[InputType, ...]:
    """Return the columns that the steps may read, in the order of the data; the label is none of them.

    Steps that read columns of the data by name are checked before any is fitted, as far as no step before them may
    write a column of that name.

    Raises:
        SchemaError: a column is absent that no step could have made, or of a kind that pipelines or a step cannot read.
    """
    asked = [reads for each in planned for reads in _reads(each)]
    names = dict.fromkeys(name for reads in asked if isinstance(reads, tuple) for name in reads)
    first = planned[0].reads if not planned[0].within else planned[0].within[0][1]
    if isinstance(first, tuple):
        check_present(where, data, first)
    known = [name for name in names if name in data.columns and name != label]
    everything = first is None or any(isinstance(reads, Select) for reads in asked)
    if everything:
        readable = [name for name, dtype in data.schema.items() if word_of(dtype) is not None]
        # Under a step that reads everything, a column that cannot be read is told of; a choice passes it by.
        wanted = data.columns if first is None else readable
        known = [name for name in data.columns if (name in wanted or name in known) and name != label]
    inputs = types_of(where, data, known)
    _check_first(where, data, planned, {each.name: each for each in inputs})
    return inputs


def named_columns(planned: Sequence[Planned]) -> tuple[str, ...]:
    """Return the names that steps read, those that others write among them; none where a step reads what it chooses."""
    asked = [reads for each in planned for reads in _reads(each)]
    if any(isinstance(reads, Select) for reads in asked):
        return ()
    return tuple(dict.fromkeys(name for reads in asked if isinstance(reads, tuple) for name in reads))


def _reads(each: Planned) -> list[object]:
    # What a step in a pipeline of its own reads are names of that one.
    return [each.within[0][1]] if each.within else [each.reads] if not each.follows else []


def _check_first(
    where: str, data: pl.DataFrame, planned: Sequence[Planned], inputs: dict[str, InputType]
) -> None:
    written: set[str] | None = set()
    for index, each in enumerate(planned):
        names = each.reads if isinstance(each.reads, tuple) and not each.follows and not each.within else None
        source = names is not None and written is not None and not written & set(names)
        if names is not None and written is not None and not set(names) <= written | set(inputs):
            check_present(where, data, [name for name in names if name not in written])
        if names is not None and source and set(names) <= set(inputs):
            frame = conform(where, data.select(names).head(0), [inputs[name] for name in names])
            check_types(place_of(index, each.step), each.step, given(each.step, frame))
        if names is not None and written is not None and isinstance(each.step, NativeTransformer):
            written = _with(written, each.step, names)
        else:
            written = None


def _with(written: set[str], step: NativeTransformer, names: Sequence[str]) -> set[str] | None:
    try:
        return written | set(step.names(names))
    except (BigheadError, LookupError):
        # Its names are known once it is fitted, or it is refused then, with its place.
        return None
