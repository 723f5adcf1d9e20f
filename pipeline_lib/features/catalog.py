"""The catalogue: every definition of a project by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

from bighead.pipeline_lib.errors import NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.names import Names
from bighead.pipeline_lib.features.shared_stream import check_streams
from bighead.pipeline_lib.features.training_set import TrainingSet

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.search import Found


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Definition = TypeVar("_Definition", bound=_Named)


class Catalog:
    """Feature sets and training sets by name; training sets have their feature names resolved.

    Raises:
        NameCollisionError: two different definitions of one name.
        UnknownNameError: a training set, or a chained set, names a feature that nobody defined.
        DefinitionError: sets are built on each other, or read one stream as rows and as mutations.
    """

    def __init__(
        self, feature_sets: Iterable[FeatureSet] = (), training_sets: Iterable[TrainingSet] = ()
    ) -> None:
        names = Names(by_name("feature set", feature_sets), by_name("training set", training_sets))
        self.feature_sets = {name: names.feature_set(name) for name in names.feature_sets}
        self.training_sets = {name: names.training_set(name) for name in names.training_sets}
        check_streams(self.feature_sets.values())

    def resolve(self, name: str) -> FeatureSet | TrainingSet:
        """Return the feature set or training set of this name.

        Raises:
            UnknownNameError: with the nearest names.
        """
        found = self.feature_sets.get(name) or self.training_sets.get(name)
        if found is None:
            raise UnknownNameError(
                "feature set or training set", name, [*self.feature_sets, *self.training_sets]
            )
        return found

    def search(self, query: str = "", limit: int = 50) -> Found:
        """Return sets, features and training sets that fit, best first.

        `delay owner:team:x tag:flights key:carrier column:arr_* kind:feature`: all of it must fit. Where nothing
        does, `suggestion` is the query as it may have been meant.

        Raises:
            UnknownNameError: a filter by a field that does not exist.
        """
        from bighead.pipeline_lib.features.search import entries_of, search_entries

        return search_entries(
            entries_of(self.feature_sets.values(), self.training_sets.values()), query, limit
        )

    def use(self, name: str) -> FeatureRef:
        """Return the use that `set` or `set:feature` names.

        Raises:
            UnknownNameError: with the nearest names.
        """
        return Names(self.feature_sets, self.training_sets).use(name)


def by_name(kind: str, definitions: Iterable[_Definition]) -> dict[str, _Definition]:
    """Return definitions by name, sorted; the same one may come twice (imported by two modules).

    Raises:
        NameCollisionError: two different ones share a name.
    """
    found: dict[str, _Definition] = {}
    for each in definitions:
        if found.setdefault(each.name, each) != each:
            raise NameCollisionError(f"two {kind}s are called {each.name!r}.", cure="Rename one of them.")
    return dict(sorted(found.items()))
