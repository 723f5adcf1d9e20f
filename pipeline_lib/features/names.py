"""What names mean among definitions: sets are resolved after those they are built on, and none on itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features.chained_source import ChainedSource
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.training_set import TrainingSet

_Definition = TypeVar("_Definition", FeatureSet, TrainingSet)


@dataclass
class Names:
    """Definitions by name as they were written; each is resolved once, when it is asked for."""

    feature_sets: Mapping[str, FeatureSet]
    training_sets: Mapping[str, TrainingSet]
    _sets: dict[str, FeatureSet] = field(default_factory=dict)
    _training: dict[str, TrainingSet] = field(default_factory=dict)
    _asked: list[str] = field(default_factory=list)

    def feature_set(self, name: str) -> FeatureSet:
        """Return the feature set of a name, resolved.

        Raises:
            UnknownNameError: there is none, with the nearest.
            DefinitionError: it is built on itself.
        """
        if name not in self.feature_sets:
            raise UnknownNameError("feature set", name, self.feature_sets)
        return self._once(f"feature set {name!r}", self.feature_sets[name], self._sets, self._set)

    def training_set(self, name: str) -> TrainingSet:
        """Return the training set of a name, its features resolved.

        Raises:
            UnknownNameError, DefinitionError: as `feature_set`.
        """
        if name not in self.training_sets:
            raise UnknownNameError("training set", name, self.training_sets)
        made = self.training_sets[name]
        return self._once(f"training set {name!r}", made, self._training, lambda each: each.resolved(self))

    def use(self, name: str) -> FeatureRef:
        """Return the use that `set` or `set:feature` names.

        Raises:
            UnknownNameError: with the nearest names.
        """
        set_name, colon, feature = name.partition(":")
        ref = self.feature_set(set_name).on()
        return ref.pick(feature) if colon else ref

    def used(self, ref: FeatureRef) -> FeatureRef:
        """Return a use whose set has its own names resolved."""
        made = ref.set
        if made.name in self.feature_sets:
            return replace(ref, set=self.feature_set(made.name)) if _has_names(made) else ref
        return replace(ref, set=self._set(made))

    def _set(self, made: FeatureSet) -> FeatureSet:
        source = made.source
        return replace(made, source=source.resolved(self)) if isinstance(source, ChainedSource) else made

    def _once(
        self,
        what: str,
        made: _Definition,
        known: dict[str, _Definition],
        resolve: Callable[[_Definition], _Definition],
    ) -> _Definition:
        if made.name not in known:
            if what in self._asked:
                circle = [*self._asked[self._asked.index(what) :], what]
                raise DefinitionError(
                    f"definitions are built on each other: {' on '.join(circle)}.",
                    cure="Take one of them out of the circle: a set is computed after those it is built on.",
                )
            self._asked.append(what)
            known[made.name] = resolve(made)
            self._asked.pop()
        return known[made.name]


def _has_names(made: FeatureSet) -> bool:
    """Whether a set, or one that it is built on, has names that are not resolved yet."""
    source = made.source
    if not isinstance(source, ChainedSource):
        return False
    if source.names:
        return True
    return any(_has_names(each) for each in source.upstream)


def within(
    sets: Iterable[FeatureSet], training: Iterable[TrainingSet]
) -> tuple[list[FeatureSet], list[TrainingSet]]:
    """Return the definitions with those that they are built on, however deep; some may come twice."""
    found, asked, left = list(sets), list(training), list(sets)
    while left:
        source = left.pop().source
        if not isinstance(source, ChainedSource):
            continue
        uses = [*source.features]
        if isinstance(source.left, TrainingSet):
            asked.append(source.left)
            uses += source.left.features
        below = [each.set for each in uses if isinstance(each, FeatureRef)]
        found += below
        left += below
    return found, asked
