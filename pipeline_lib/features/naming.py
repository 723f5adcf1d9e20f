"""Names that users give: lower snake case without a double underscore, so that joined names stay readable."""

from __future__ import annotations

import re

from bighead.pipeline_lib.errors import DefinitionError

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_name(kind: str, name: object) -> str:
    """Return `name` if a definition may be called so.

    >>> check_name("feature set", "arrivals_by_origin")
    'arrivals_by_origin'

    Raises:
        DefinitionError: it is not `[a-z][a-z0-9_]*`, or it holds `__`.
    """
    if isinstance(name, str) and _NAME.fullmatch(name) and "__" not in name:
        return name
    raise DefinitionError(
        f"{name!r} cannot name a {kind}.",
        cure="A name starts with a letter a-z and goes on with a-z, 0-9 and single _.",
    )


def check_columns(where: str, columns: object) -> tuple[str, ...]:
    """Return column names as a tuple; each is a non-empty string and stands there once.

    Raises:
        DefinitionError: it is one string, a name is empty, or a name is doubled.
    """
    if isinstance(columns, str) or not isinstance(columns, list | tuple):
        raise DefinitionError(
            f"{where} is {columns!r}.", cure=f"Expected a list of column names, as [{columns!r}]."
        )
    for name in columns:
        if not isinstance(name, str) or not name:
            raise DefinitionError(f"{where} holds {name!r}.", cure="Expected names of columns.")
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    if doubled:
        raise DefinitionError(f"{where} names {doubled[0]!r} twice.", cure="Name each column once.")
    return tuple(columns)
