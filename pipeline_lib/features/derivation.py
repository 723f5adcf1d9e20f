"""Derivations: features computed from other features of their set, after the join, by one expression each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features.naming import check_name


@dataclass(frozen=True)
class Derivation:
    """How one feature is made of others; all names are without the set's.

    Args:
        name: Its name.
        sql: The expression over the values of `reads`.
        reads: The features that the expression names, derived ones among them.
        roots: The features made of rows that it comes down to.
        columns: The columns of the cleaned rows that these are made of.
        level: 1 where it reads no derived feature, else one more than the highest that it reads.
    """

    name: str
    sql: str
    reads: tuple[str, ...]
    roots: tuple[str, ...]
    columns: tuple[str, ...]
    level: int


def checked_derivations(set_name: str, given: object) -> dict[str, str]:
    """Return `{name: SQL}` in the order of the names, which a definition keeps as JSON, too.

    Raises:
        DefinitionError: no mapping of names to expressions.
    """
    if not isinstance(given, Mapping):
        raise DefinitionError(
            f"derivations of {set_name!r} is {given!r}.",
            cure='Expected {"rate": "late_sum_7d / n_count_7d"}.',
        )
    for name, sql in given.items():
        check_name("derivation", name)
        if not isinstance(sql, str) or not sql.strip():
            raise DefinitionError(
                f"the derivation {name!r} of {set_name!r} is {sql!r}.", cure="Expected an SQL expression."
            )
    return dict(sorted(given.items()))


def resolve(
    set_name: str, given: Mapping[str, str], made: Mapping[str, Sequence[str]]
) -> tuple[Derivation, ...]:
    """Return the derivations by name; `made` has the columns of each feature that is made of rows.

    Raises:
        NameCollisionError: one is called like a feature that is made of rows.
        UnknownNameError: an expression reads what is no feature of the set.
        DefinitionError: an expression is none or reads no feature; or derivations read each other in a circle.
    """
    for name in given:
        if name in made:
            raise NameCollisionError(
                f"{set_name!r} has a feature {name!r}, and a derivation of that name.",
                cure="Call the derivation something else.",
            )
    reads = {name: _reads(set_name, name, sql, [*made, *given]) for name, sql in given.items()}
    found: dict[str, Derivation] = {}
    for name in given:
        _resolve(set_name, name, (), given, reads, made, found)
    return tuple(found[name] for name in given)


def _resolve(
    set_name: str,
    name: str,
    above: tuple[str, ...],
    given: Mapping[str, str],
    reads: Mapping[str, tuple[str, ...]],
    made: Mapping[str, Sequence[str]],
    found: dict[str, Derivation],
) -> None:
    """Add a derivation to `found`, and before it those that it reads; `above` are those that led here."""
    if name in above:
        circle = " → ".join(map(repr, [*above[above.index(name) :], name]))
        raise DefinitionError(
            f"derivations of {set_name!r} read each other in a circle: {circle}.",
            cure="Let one of them read features that are made of rows.",
        )
    if name in found:
        return
    roots: list[str] = []
    level = 1
    for each in reads[name]:
        if each in made:
            roots.append(each)
            continue
        _resolve(set_name, each, (*above, name), given, reads, made, found)
        roots += found[each].roots
        level = max(level, found[each].level + 1)
    unique = tuple(dict.fromkeys(roots))
    columns = tuple(dict.fromkeys(column for root in unique for column in made[root]))
    found[name] = Derivation(name, given[name], reads[name], unique, columns, level)


def _reads(set_name: str, name: str, sql: str, known: Sequence[str]) -> tuple[str, ...]:
    # Polars is loaded where it is needed: definitions without derivations do without.
    from bighead.pipeline_lib.expressions import reads

    where = f"the derivation {name!r} of {set_name!r}"
    read = reads(sql, where)
    others = [each for each in known if each != name]
    for each in read:
        if each not in known:
            raise UnknownNameError(f"feature that {where} may read", each, others)
    if not read:
        raise DefinitionError(
            f"{where} is {sql!r}, which reads no feature.",
            cure=f"Read some, by names without the set's: {', '.join(others[:5])}.",
        )
    return read
