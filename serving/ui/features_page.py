"""`/features`: the feature sets that the newest artifacts were trained on, as their manifests tell it."""

from __future__ import annotations

from typing import Any

from litestar import get
from litestar.response import Template

from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.plain import from_plain
from bighead.pipeline_lib.registry.values import Artifact
from bighead.resources.registry_store import RegistryStore
from bighead.serving.registry_api.dependencies import Registry
from bighead.serving.ui.answers import answer_page
from bighead.serving.ui.contexts import FeatureLine, FeaturesPage
from bighead.serving.ui.stored_bundle import read_json

_PER_MODEL = 3


@get("/features", sync_to_thread=True)
def show_features(registry: Registry) -> Template:
    """Show the catalogue of feature sets."""
    return answer_page("features.html", FeaturesPage(_lines(registry)))


def _lines(registry: RegistryStore) -> tuple[FeatureLine, ...]:
    """Return a line for each definition; two artifacts with different definitions of one name give two."""
    used: dict[str, tuple[FeatureSet, list[tuple[str, int]]]] = {}
    for artifact in _newest(registry):
        for feature_set in stored_feature_sets(artifact):
            used.setdefault(feature_set.hash, (feature_set, []))[1].append((artifact.model, artifact.number))
    lines = (_line(feature_set, users) for feature_set, users in used.values())
    return tuple(sorted(lines, key=lambda line: line.name))


def _newest(registry: RegistryStore) -> list[Artifact]:
    """Return of each model the newest artifacts and the active one."""
    found: list[Artifact] = []
    for model in registry.models():
        artifacts = registry.artifacts(model.name)
        active = registry.desired()[model.name].active
        found += [a for a in artifacts[:-_PER_MODEL] if a.number == active]
        found += artifacts[-_PER_MODEL:]
    return found


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


def _line(feature_set: FeatureSet, users: list[tuple[str, int]]) -> FeatureLine:
    source = feature_set.source
    return FeatureLine(
        name=feature_set.name,
        owner=feature_set.owner,
        keys=tuple(feature_set.keys),
        source=f"{type(source).__name__.removesuffix('Source').lower()} {getattr(source, 'table', '')}".strip(),
        features=feature_set.features,
        used_by=tuple(users),
    )
