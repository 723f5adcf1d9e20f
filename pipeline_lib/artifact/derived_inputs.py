"""What a training set derives of a pipeline's inputs, as its artifact carries it to where requests are answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from bighead.pipeline_lib.artifact.input_column import InputColumn
from bighead.pipeline_lib.features.derivation import Derivation, resolve


@dataclass(frozen=True)
class DerivedInputs:
    """Columns that are made of fetched features and of a request's own columns.

    Args:
        training_set: Whose derivations these are.
        timestamp: The name under which they read the instant of a request.
        columns: (name, SQL) of each that a pipeline reads, or another of them.
        features: The fetched features that they read.
        request: The columns of a request that they read.
    """

    training_set: str
    timestamp: str
    columns: tuple[tuple[str, str], ...]
    features: tuple[str, ...]
    request: tuple[InputColumn, ...]

    @cached_property
    def derived(self) -> tuple[Derivation, ...]:
        """The derivations, each after those that it reads."""
        names = [*self.features, *(column.name for column in self.request), self.timestamp]
        found = resolve(self.training_set, dict(self.columns), {name: (name,) for name in names})
        return tuple(sorted(found, key=lambda each: (each.level, each.name)))

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> DerivedInputs:
        """Read what `to_plain` gave.

        Raises:
            KeyError, TypeError, DefinitionError: it is something else.
        """
        return cls(
            plain["training_set"],
            plain["timestamp"],
            tuple((str(name), str(sql)) for name, sql in plain["columns"]),
            tuple(plain["features"]),
            tuple(InputColumn(**column) for column in plain["request"]),
        )
