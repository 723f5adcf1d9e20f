"""`/features`: the catalogue of feature sets, and what a search finds in it."""

from __future__ import annotations

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.features import FeatureSet
from bighead.serving.registry_api.dependencies import Configured, Registry
from bighead.serving.ui.answers import answer_page
from bighead.serving.ui.catalogue_contexts import FeaturesPage, SetCard
from bighead.serving.ui.catalogue_view import CatalogueView

# A page shows this many; a search finds the others.
_SETS, _HITS = 60, 60
LONGEST_QUERY = 500


@get("/features", sync_to_thread=True)
def show_features(registry: Registry, settings: Configured, q: FromQuery[str] = "") -> Template:
    """Show the catalogue of feature sets, or what a search finds."""
    return answer_page("features.html", features_page(CatalogueView(settings, registry), q[:LONGEST_QUERY]))


def features_page(view: CatalogueView, query: str) -> FeaturesPage:
    """Return what the page shows."""
    if not query.strip():
        cards = tuple(set_card(view, each) for each in list(view.sets.values())[:_SETS])
        unread = tuple(one for each in view.published for one in each.unread)
        return FeaturesPage("", cards, (), "", unread=unread)
    try:
        found = view.search(query, _HITS)
    except UnknownNameError as error:
        return FeaturesPage(query, (), (), "", f"{error.message} {error.cure or ''}")
    return FeaturesPage(query, (), found.hits, found.suggestion)


def set_card(view: CatalogueView, feature_set: FeatureSet) -> SetCard:
    """Return a set as the list shows it."""
    verdicts = view.verdicts(feature_set.name)
    uses = {(artifact.model, artifact.number) for _, artifact in view.used.get(feature_set.name, [])}
    return SetCard(
        name=feature_set.name,
        owner=feature_set.owner,
        keys=tuple(feature_set.keys),
        tags=tuple(feature_set.tags),
        source=source_of(feature_set),
        features=len(feature_set.features),
        newest=view.newest(feature_set.name),
        checks=len(verdicts),
        failed=sum(not each.passed for each in verdicts),
        used_by=tuple(sorted(uses)),
    )


def source_of(feature_set: FeatureSet) -> str:
    """Return what a set reads, in words."""
    source = feature_set.source
    kind = type(source).__name__.removesuffix("Source").lower()
    return f"{kind} {', '.join(source.tables)}".strip()
