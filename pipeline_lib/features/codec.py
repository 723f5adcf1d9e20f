"""Definitions as text: JSON for every definition, YAML for feature sets; both read back to equal values."""

from __future__ import annotations

import json

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.plain import Definition, from_plain, to_plain
from bighead.pipeline_lib.features.yaml_form import from_yaml, to_yaml

__all__ = ["from_json", "from_yaml", "to_json", "to_yaml"]


def to_json(definition: Definition) -> str:
    """Return canonical JSON: sorted keys, no spaces, defaults left out.

    >>> from bighead.pipeline_lib.features import Label
    >>> to_json(Label("late", "2h"))
    '{"column":"late","horizon":"2h","kind":"Label"}'
    """
    return json.dumps(to_plain(definition), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(text: str | bytes) -> Definition:
    """Read what `to_json` wrote.

    Raises:
        DefinitionError: broken JSON, an unknown kind or field, or an impossible definition.
    """
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise DefinitionError(
            f"the definition is no JSON: {error}.", cure="Write it with to_json."
        ) from error
    return from_plain(plain)
