"""A use of a feature set: which left columns give its keys, under which prefix, and which features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.naming import check_name


@dataclass(frozen=True)
class FeatureRef:
    """`set` looked up by `mapping` (set key, left column), named with `prefix_`; `only` some features."""

    set: FeatureSet
    mapping: Sequence[tuple[str, str]]
    prefix: str | None = None
    only: Sequence[str] | None = None

    def __post_init__(self) -> None:
        pairs = tuple((str(key), str(column)) for key, column in self.mapping)
        object.__setattr__(self, "mapping", pairs)
        if tuple(key for key, _ in pairs) != tuple(self.set.keys):
            raise DefinitionError(
                f"{self.set.name!r} is mapped by {[key for key, _ in pairs]}.",
                cure=f"Expected exactly its keys, in order: {list(self.set.keys)}.",
            )
        if self.prefix is not None:
            check_name("prefix", self.prefix)
        if self.only is not None:
            object.__setattr__(self, "only", tuple(self.only))
            known = [feature.name for feature in self.set.features]
            for name in self.only or ():
                if name not in known:
                    raise UnknownNameError(f"feature of {self.set.name!r}", name, known)

    @cached_property
    def key_columns(self) -> tuple[str, ...]:
        """The left columns that give the set's keys, in the set's order."""
        return tuple(column for _, column in self.mapping)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """The wanted features, under the set's own names."""
        return tuple(f for f in self.set.features if self.only is None or f.name in self.only)

    @cached_property
    def computed(self) -> FeatureRef:
        """The same use of what is made of rows: all that the wanted features come down to, derived ones left out."""
        if not self.set.derivations:
            return self
        roots = [f.derivation.roots if f.derivation else (self.set.short(f),) for f in self.features]
        needed = {name for each in roots for name in each}
        return replace(self, only=[f.name for f in self.set.computed if self.set.short(f) in needed])

    @cached_property
    def derived(self) -> tuple[Feature, ...]:
        """The derived features among the wanted ones and among what these read, each after those that it reads."""
        known = {self.set.short(f): f for f in self.set.features}
        needed, left = dict[str, Feature](), list(self.features)
        while left:
            each = left.pop()
            if each.derivation is not None and each.name not in needed:
                needed[each.name] = each
                left += [known[name] for name in each.derivation.reads]
        return tuple(
            sorted(needed.values(), key=lambda f: (f.derivation.level if f.derivation else 0, f.name))
        )

    def columns(self) -> tuple[str, ...]:
        """The names of the output columns, prefix applied, in order."""
        return tuple(self.output(feature) for feature in self.features)

    def output(self, feature: Feature) -> str:
        """The output column of one feature."""
        return f"{self.prefix}_{feature.name}" if self.prefix else feature.name

    def pick(self, *names: str) -> FeatureRef:
        """Return the same use with only these features, named fully or without the set's name.

        Raises:
            UnknownNameError: a name that the set lacks.
        """
        known = {feature.name for feature in self.set.features}
        full = tuple(name if name in known else f"{self.set.name}_{name}" for name in names)
        for given, name in zip(names, full, strict=True):
            if name not in known:
                short = [feature.removeprefix(f"{self.set.name}_") for feature in sorted(known)]
                raise UnknownNameError(f"feature of {self.set.name!r}", given, short)
        return replace(self, only=full)
