"""A project's definitions as a backfill publishes them, for those who read a catalogue without the project's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
class Unread:
    """A published definition that this version refuses: `kind` is "feature set" or "training set", with the reason."""

    kind: str
    name: str
    reason: str


@dataclass(frozen=True)
class Published:
    """The definitions of a project, by its name and the folder it was loaded from; `unread` could not be read back."""

    project: str
    root: str
    catalog: Catalog
    models: tuple[PublishedModel, ...]
    unread: tuple[Unread, ...] = ()

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
        """Read what `to_plain` gave; a definition that this version refuses is named in `unread`, with the reason."""
        sets, refused = _read(plain.get("feature_sets"), FeatureSet, "feature set")
        training, others = _read(plain.get("training_sets"), TrainingSet, "training set")
        catalog, alone = _fitting(sets, training)
        models = tuple(
            PublishedModel(**{**each, "inputs": tuple(each["inputs"])}) for each in plain.get("models") or []
        )
        unread = (*refused, *others, *alone)
        return cls(str(plain["project"]), str(plain.get("root", "")), catalog, models, unread)


def _read(listed: Any, kind: type[Any], noun: str) -> tuple[list[Any], list[Unread]]:
    found, refused = [], []
    for plain in listed if isinstance(listed, list) else []:
        try:
            read: Any = from_plain(plain)
        except BigheadError as error:
            name = plain.get("name") if isinstance(plain, dict) else None
            refused.append(Unread(noun, str(name or "?"), _reason(error)))
            continue
        if isinstance(read, kind):
            found.append(read)
    return found, refused


def _fitting(sets: Sequence[FeatureSet], training: Sequence[TrainingSet]) -> tuple[Catalog, list[Unread]]:
    """All together, or those that fit, one after the other: what fits no others takes none of them away."""
    try:
        return Catalog(sets, training), []
    except BigheadError:
        pass
    kept, reasons = list[FeatureSet | TrainingSet](), dict[int, str]()
    left: list[FeatureSet | TrainingSet] = [*sets, *training]
    while True:
        # A set may be built on one that comes after it.
        before = len(left)
        for each in list(left):
            try:
                _catalog([*kept, each])
            except BigheadError as error:
                reasons[id(each)] = _reason(error)
                continue
            kept.append(each)
            left.remove(each)
        if len(left) == before or not left:
            return _catalog(kept), [Unread(_noun(each), each.name, reasons[id(each)]) for each in left]


def _catalog(definitions: Sequence[FeatureSet | TrainingSet]) -> Catalog:
    sets = [each for each in definitions if isinstance(each, FeatureSet)]
    return Catalog(sets, [each for each in definitions if isinstance(each, TrainingSet)])


def _noun(definition: FeatureSet | TrainingSet) -> str:
    return "feature set" if isinstance(definition, FeatureSet) else "training set"


def _reason(error: BigheadError) -> str:
    return f"{error.message} {error.cure}" if error.cure else error.message
