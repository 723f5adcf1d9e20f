"""Derivations of a training set: columns made of features of several sets and of what the question itself says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bighead.pipeline_lib.errors import DefinitionError, LeakError
from bighead.pipeline_lib.features.derivation import Derivation, resolve

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.training_set import TrainingSet


def derived_from_rows(training_set: TrainingSet) -> tuple[Derivation, ...]:
    """Return a training set's derivations, each after those that it reads.

    Raises:
        UnknownNameError: one reads what is no feature, declared input or timestamp.
        LeakError: one reads the label.
        DefinitionError: one reads a left column without a type, nothing, or itself by way of others; or names of
            features are still unresolved.
    """
    if not training_set.derivations:
        return ()
    _check_left_columns(training_set)
    features = [column for ref in training_set.refs for column in ref.columns()]
    readable = {name: (name,) for name in (*features, *training_set.declared, training_set.timestamp)}
    found = resolve(training_set.name, training_set.derivations, readable)
    return tuple(sorted(found, key=lambda each: (each.level, each.name)))


def needed(derived: Sequence[Derivation], names: Iterable[str]) -> tuple[Derivation, ...]:
    """Return those of `derived` that have these names, and those that they read, in the order of `derived`."""
    known = {each.name: each for each in derived}
    found: set[str] = set()
    left = [name for name in names if name in known]
    while left:
        each = known[left.pop()]
        if each.name not in found:
            found.add(each.name)
            left += [name for name in each.reads if name in known]
    return tuple(each for each in derived if each.name in found)


def digests(training_set: str, derived: Sequence[Derivation]) -> dict[str, str]:
    """Return what each derivation means as 16 hexadecimal digits, by `training_set:name`, as answers log it."""
    found: dict[str, str] = {}
    for each in derived:
        read = [found.get(name, name) for name in each.reads]
        meaning = json.dumps([each.sql, read]).encode()
        found[each.name] = hashlib.sha256(meaning).hexdigest()[:16]
    return {f"{training_set}:{name}": digest for name, digest in found.items()}


def _check_left_columns(training_set: TrainingSet) -> None:
    """Refuse what stands in the left row and still may not be read, in words that say why."""
    # Polars is loaded where it is needed, as in `derivation`.
    from bighead.pipeline_lib.expressions import reads

    untyped = {*training_set.left.known, *training_set.key_columns, *training_set.input_names}
    untyped -= {*training_set.declared, training_set.timestamp, *training_set.derivations}
    for name, sql in training_set.derivations.items():
        for column in reads(sql):
            where = f"the derivation {name!r} of {training_set.name!r}"
            if column == training_set.label.column:
                raise LeakError(f"{where} reads the label {column!r}.", cure="Leave it out.")
            if column in untyped:
                raise DefinitionError(
                    f"{where} reads the left column {column!r}, whose type nothing says.",
                    cure=f'Declare it, as inputs=[Input("{column}", "float64")]: a request must give it, too.',
                )
