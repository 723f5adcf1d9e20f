"""Inputs that only some rows have: one name for each, and no name of another column."""

from __future__ import annotations

from collections.abc import Sequence, Set

from bighead.pipeline_lib.errors import NameCollisionError
from bighead.pipeline_lib.features.aggregation import Aggregation


def check_filtered(set_name: str, aggregations: Sequence[Aggregation], own: Set[str]) -> None:
    """Refuse a filtered input that is called like one of the source's `own` columns, or like another one.

    Raises:
        NameCollisionError: naming both.
    """
    seen: dict[str, Aggregation] = {}
    for each in aggregations:
        if each.where is None:
            continue
        if each.input in own:
            raise NameCollisionError(
                f"{set_name!r} has a column {each.input!r}, and an aggregation where {each.where!r} of that name.",
                cure="Give the aggregation another name.",
            )
        before = seen.setdefault(each.input, each)
        if (before.column, before.where) != (each.column, each.where):
            raise NameCollisionError(
                f"{set_name!r} calls two inputs {each.input!r}: {before.column!r} where {before.where!r}, and"
                f" {each.column!r} where {each.where!r}.",
                cure="Give each a name of its own.",
            )
