"""What the catalogue's pages and its REST know: published definitions, what artifacts were trained on, profiles."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from bighead.pipeline_lib.errors import BigheadError, UnknownNameError
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.lineage import Lineage
from bighead.pipeline_lib.features.plain import from_plain
from bighead.pipeline_lib.features.published import Published, PublishedModel
from bighead.pipeline_lib.features.search import Found, entries_of, search_entries
from bighead.pipeline_lib.features.training_set import TrainingSet
from bighead.pipeline_lib.profiles.column import instant_of
from bighead.pipeline_lib.profiles.store import History
from bighead.pipeline_lib.quality.ledger import RecordedVerdict, recorded_verdicts
from bighead.pipeline_lib.registry.values import Artifact
from bighead.resources.catalogue_files import read_published
from bighead.resources.profile_store import FileProfileStore
from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings
from bighead.serving.ui.stored_bundle import read_json

_PER_MODEL = 3
# Days without rows that are looked through for the newest row.
_MOST_DAYS = 400


class CatalogueView:
    """The catalogue as it stands now; what projects published comes before what manifests remember."""

    def __init__(self, settings: Settings, registry: RegistryStore) -> None:
        self.profiles = FileProfileStore.beside(settings.offline)
        self.published = read_published(settings.offline)
        self._registry = registry

    @cached_property
    def used(self) -> dict[str, list[tuple[FeatureSet, Artifact]]]:
        """The uses of each set, by name, in each model's newest artifacts and the active one."""
        found: dict[str, list[tuple[FeatureSet, Artifact]]] = {}
        for artifact in _newest(self._registry):
            for feature_set in stored_feature_sets(artifact):
                found.setdefault(feature_set.name, []).append((feature_set, artifact))
        return found

    @cached_property
    def sets(self) -> dict[str, FeatureSet]:
        """Every known set by name."""
        found = {name: uses[-1][0] for name, uses in self.used.items()}
        for each in self.published:
            found |= each.catalog.feature_sets
        return dict(sorted(found.items()))

    @cached_property
    def training_sets(self) -> dict[str, TrainingSet]:
        """Every published training set by name."""
        return {name: t for each in self.published for name, t in each.catalog.training_sets.items()}

    @cached_property
    def models(self) -> dict[str, PublishedModel]:
        """Every published model by name."""
        return {model.name: model for each in self.published for model in each.models}

    @cached_property
    def lineage(self) -> Lineage:
        """What is made of what, over all projects."""
        models = {name: model.training_set for name, model in self.models.items()}
        return Lineage(self.sets.values(), self.training_sets.values(), models)

    @cached_property
    def registered(self) -> frozenset[str]:
        """The models that have a page."""
        return frozenset(model.name for model in self._registry.models())

    def project_of(self, set_name: str) -> Published | None:
        """Return the project that published a set."""
        return next((each for each in self.published if set_name in each.catalog.feature_sets), None)

    def search(self, query: str, limit: int = 50) -> Found:
        """Return what fits a query, best first.

        Raises:
            UnknownNameError: a filter by a field that does not exist.
        """
        return search_entries(entries_of(self.sets.values(), self.training_sets.values()), query, limit)

    def feature_set(self, name: str) -> FeatureSet:
        """Return a set.

        Raises:
            UnknownNameError: with the nearest names.
        """
        if name not in self.sets:
            raise UnknownNameError("feature set", name, self.sets)
        return self.sets[name]

    def history(self, kind: str, name: str) -> History:
        """Return the profiles of a table's partitions."""
        return History(self.profiles, kind, name)

    def newest(self, set_name: str) -> datetime | None:
        """Return the newest event time (UTC) in a set's stored days."""
        history = self.history("features", set_name)
        # A row lies in the partition of its day, so the last partition with rows has the newest.
        for key in reversed(history.partitions[-_MOST_DAYS:]):
            profile = history.of(key)
            column = profile.columns.get("event_time") if profile else None
            if column is not None and isinstance(column.maximum, int):
                return instant_of(column.maximum)
        return None

    def verdicts(self, set_name: str) -> tuple[RecordedVerdict, ...]:
        """Return the last verdicts of the checks that a set declares, those that failed first."""
        return recorded_verdicts(self.profiles, set_name)


def stored_feature_sets(artifact: Artifact) -> list[FeatureSet]:
    """Return the feature sets of an artifact's manifest; one that cannot be read is left out."""
    listed = read_json(artifact.location, "manifest.json").get("feature_sets")
    found = []
    for plain in listed if isinstance(listed, list) else []:
        try:
            read: Any = from_plain(plain)
        except BigheadError:
            continue
        if isinstance(read, FeatureSet):
            found.append(read)
    return found


def _newest(registry: RegistryStore) -> list[Artifact]:
    """Return of each model the newest artifacts and the active one."""
    found: list[Artifact] = []
    for model in registry.models():
        artifacts = registry.artifacts(model.name)
        active = registry.desired()[model.name].active
        found += [a for a in artifacts[:-_PER_MODEL] if a.number == active]
        found += artifacts[-_PER_MODEL:]
    return found
