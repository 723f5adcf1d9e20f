"""The typed form of an expression: primitives over columns and constants, each of a known kind.

Every engine computes this and nothing else: Polars expressions for tables, the kernel for single rows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.expressions.kinds import Kind


@dataclass(frozen=True)
class Typed:
    """A primitive `op` over `args`; `value` is that of a `constant`, or the name of a `column`."""

    op: str
    kind: Kind
    args: tuple[Typed, ...] = ()
    value: bool | int | float | str | None = None

    def plain(self) -> dict[str, Any]:
        """Return it as nested dicts, as the kernel reads it."""
        made: dict[str, Any] = {"op": self.op, "kind": str(self.kind)}
        if self.op in ("constant", "column"):
            return made | {"value": self.value}
        return made | {"args": [each.plain() for each in self.args]}

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(self.plain(), ensure_ascii=False, allow_nan=False)


def constant(value: bool | int | float | str | None, kind: Kind) -> Typed:
    """Return a constant: times are days or microseconds."""
    return Typed("constant", kind, value=value)
