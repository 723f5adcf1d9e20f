"""`/features/{set}`: a feature set's definition, its days, its checks, and where it stands in the lineage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from bighead.pipeline_lib.features import ChainedSource, EventSource, FeatureSet
from bighead.pipeline_lib.features.care import pii_features, pii_inputs
from bighead.pipeline_lib.features.lineage import Node
from bighead.pipeline_lib.features.mutations import Mutations
from bighead.pipeline_lib.profiles.profile import Profile, merge_profiles
from bighead.pipeline_lib.quality.upstream import NOTE as SCHEMA
from bighead.serving.identity import withheld
from bighead.serving.registry_api.dependencies import Configured, Registry
from bighead.serving.ui.answers import answer_page
from bighead.serving.ui.catalogue_contexts import (
    ColumnPanel,
    FeatureRow,
    FeatureSetPage,
    Said,
    SchemaEntry,
)
from bighead.serving.ui.catalogue_examples import curl_example, python_example
from bighead.serving.ui.catalogue_view import CatalogueView
from bighead.serving.ui.column_panels import column_panel, hidden_profile, null_shares, stored_roles, volumes
from bighead.serving.ui.features_page import set_card, source_of
from bighead.serving.ui.lineage_drawing import Drawing, draw_lineage

# What a page of 100 kB has room for.
_FEATURES, _COLUMNS, _CHANGES = 120, 12, 5
DAYS = 90
_A = {"1d": "a day", "1h": "an hour"}


@get("/features/{name:str}", sync_to_thread=True)
def show_feature_set(
    name: FromPath[str],
    request: Request[Any, Any, Any],
    registry: Registry,
    settings: Configured,
    days: FromQuery[int] = DAYS,
) -> Template:
    """Show a feature set, its profiles merged over the newest `days` stored days."""
    view = CatalogueView(settings, registry)
    url = str(request.base_url).rstrip("/")
    header = request.headers.get("authorization", "")
    why = withheld(view.feature_set(name), header, settings.tokens)
    return answer_page("feature_set.html", feature_set_page(view, name, url, max(1, min(days, 1000)), why))


def feature_set_page(view: CatalogueView, name: str, url: str, days: int, why: str = "") -> FeatureSetPage:
    """Return what the page shows; without values where `why` says the reason.

    Raises:
        UnknownNameError: there is no such set.
    """
    feature_set = view.feature_set(name)
    card = set_card(view, feature_set)
    by_day = newest_days(view, "features", name, days)
    merged, personal = merge_profiles(by_day.values()), pii_features(feature_set)
    example = hidden_profile(feature_set, merged, why)
    return FeatureSetPage(
        card=card,
        facts=_facts(feature_set),
        features=tuple(
            FeatureRow(
                f.name,
                f.what,
                f.window.text if f.window else "",
                f.doc,
                feature_set.units.get(f.column or feature_set.short(f), ""),
                f.name in personal,
            )
            for f in feature_set.features[:_FEATURES]
        ),
        more=max(0, len(feature_set.features) - _FEATURES),
        span=span_words(by_day),
        grain=feature_set.grain.noun,
        volume=volumes(by_day),
        nulls=null_shares(by_day, feature_set.inputs),
        columns=() if why else _panels(feature_set, merged),
        checks=view.verdicts(name),
        schema=_schema(view, name),
        lineage=lineage_of(view, name),
        python=python_example(feature_set, view.project_of(name), example, card.newest),
        curl=curl_example(url, feature_set),
        withheld=why,
    )


def newest_days(view: CatalogueView, kind: str, name: str, count: int) -> dict[str, Profile]:
    """Return the profiles of a table's newest partitions, in order."""
    history = view.history(kind, name)
    return history.between(history.partitions[-count:][0]) if history.partitions else {}


def span_words(by_day: dict[str, Profile]) -> str:
    """Return which partitions profiles are of, and how many rows they have."""
    if not by_day:
        return ""
    rows = sum(each.rows for each in by_day.values())
    return f"{min(by_day)} to {max(by_day)}, {len(by_day):,} partitions, {rows:,} rows"


def lineage_of(view: CatalogueView, set_name: str) -> Drawing:
    """Return the drawing of a set's lineage, each box with a page leading there."""
    links = {Node("feature set", name): f"/features/{name}" for name in view.sets}
    links |= {Node("model", name): f"/models/{name}" for name in view.models if name in view.registered}
    return draw_lineage(view.lineage, Node("feature set", set_name), links)


def _facts(feature_set: FeatureSet) -> tuple[Said, ...]:
    source = feature_set.source
    told = [("Source", source_of(feature_set)), ("Keys", ", ".join(feature_set.keys) or "none")]
    if isinstance(source, ChainedSource):
        told += [("Event time", source.event_time), ("Built on", ", ".join(s.name for s in source.upstream))]
    if isinstance(source, EventSource):
        told += [("Event time", source.event_time), ("Known", _known(source))]
        told += [("Stream", source.stream)] if source.stream else []
        told += [("Query", source.query)] if source.query else []
    told += [(f"Select {name}", sql) for name, sql in (getattr(source, "select", None) or {}).items()]
    where = getattr(source, "where", None)
    told += [("Where", where)] if where else []
    told += [(f"Type of {column}", each.words) for column, each in feature_set.types.items()]
    told += [("Readers", ", ".join(feature_set.readers))] if feature_set.readers else []
    told += [("Writers", ", ".join(feature_set.writers))] if feature_set.writers else []
    mutations = getattr(source, "mutations", None)
    told += [("Changes", _changes(mutations))] if mutations else []
    told += [
        ("Partitions", f"{_A[feature_set.batch]} each"),
        ("Boundary", feature_set.boundary),
        ("Version", f"{feature_set.version}, definition {feature_set.hash[:12]}"),
    ]
    return tuple(Said(name, value) for name, value in told)


def _known(source: EventSource) -> str:
    if source.mutations is not None:
        return source.mutations.time
    return source.available_at or (f"{source.delay} later" if source.delay else "at once")


def _changes(mutations: Mutations) -> str:
    told = mutations.operation or f"images, before where {mutations.is_before}"
    envelope = f" in envelopes of {mutations.envelope}" if mutations.envelope else ""
    return f"{told} at {mutations.time}{envelope}"


def _panels(feature_set: FeatureSet, merged: Profile) -> tuple[ColumnPanel, ...]:
    roles, hidden = stored_roles(feature_set), pii_inputs(feature_set)
    order = {role: number for number, role in enumerate(("input", "key", "time", "id"))}
    listed = sorted(
        merged.columns.items(), key=lambda item: order.get(roles.get(item[0], ("id", ""))[0], len(order))
    )
    found = []
    for name, column in listed[:_COLUMNS]:
        role, doc = roles.get(name, ("", ""))
        unit = feature_set.units.get(name, "")
        found.append(column_panel(name, column, doc, role, unit=unit, pii=name in hidden))
    return tuple(found)


def _schema(view: CatalogueView, name: str) -> tuple[SchemaEntry, ...]:
    listed = view.profiles.noted("features", name, SCHEMA).get("history") or []
    entries = (
        SchemaEntry(datetime.fromisoformat(each["at"]), bool(each["refused"]), tuple(each["changes"]))
        for each in listed[-_CHANGES:]
    )
    return tuple(reversed(tuple(entries)))
