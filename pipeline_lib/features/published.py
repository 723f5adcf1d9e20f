"""A project's definitions as a backfill publishes them, for those who read a catalogue without the project's code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.features.catalog import Catalog
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.lineage import Lineage
from bighead.pipeline_lib.features.plain import from_plain, to_plain
from bighead.pipeline_lib.features.training_set import TrainingSet

if TYPE_CHECKING:
    from bighead.pipeline_lib.project import Project


@dataclass(frozen=True)
class PublishedModel:
    """A model of the project: what it trains on and which of its columns it reads."""

    name: str
    training_set: str
    owner: str
    description: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Published:
    """The definitions of a project, by its name and the folder it was loaded from."""

    project: str
    root: str
    catalog: Catalog
    models: tuple[PublishedModel, ...]

    @cached_property
    def lineage(self) -> Lineage:
        """What is made of what."""
        catalog = self.catalog
        models = {model.name: model.training_set for model in self.models}
        return Lineage(catalog.feature_sets.values(), catalog.training_sets.values(), models)

    @classmethod
    def of(cls, project: Project) -> Published:
        """Return a loaded project's definitions."""
        models = []
        for name, model in project.models.items():
            inputs = tuple(model.pipeline.input_columns or model.source.input_columns)
            models.append(PublishedModel(name, model.source.name, model.owner, model.description, inputs))
        return cls(project.name, str(project.root), project.catalog, tuple(models))

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON stores it."""
        catalog = self.catalog
        return {
            "project": self.project,
            "root": self.root,
            "feature_sets": [to_plain(each) for each in catalog.feature_sets.values()],
            "training_sets": [to_plain(each) for each in catalog.training_sets.values()],
            "models": [{**vars(each), "inputs": list(each.inputs)} for each in self.models],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Published:
        """Read what `to_plain` gave; a definition that this version cannot read is left out."""
        sets = _read(plain.get("feature_sets"), FeatureSet)
        training = _read(plain.get("training_sets"), TrainingSet)
        models = tuple(
            PublishedModel(**{**each, "inputs": tuple(each["inputs"])}) for each in plain.get("models") or []
        )
        try:
            catalog = Catalog(sets, training)
        except BigheadError:
            catalog = Catalog(sets)
        return cls(str(plain["project"]), str(plain.get("root", "")), catalog, models)


def _read(listed: Any, kind: type[Any]) -> list[Any]:
    found = []
    for plain in listed if isinstance(listed, list) else []:
        try:
            read: Any = from_plain(plain)
        except BigheadError:
            continue
        if isinstance(read, kind):
            found.append(read)
    return found
