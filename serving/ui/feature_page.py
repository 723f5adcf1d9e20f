"""`/features/{set}/{feature}`: what one feature is, how its values lie in training rows, who reads it."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.care import pii_features, pii_inputs
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.profiles.profile import merge_profiles
from bighead.serving.identity import withheld
from bighead.serving.registry_api.dependencies import Configured, Registry
from bighead.serving.ui.answers import answer_page
from bighead.serving.ui.catalogue_contexts import ColumnPanel, FeaturePage, Said
from bighead.serving.ui.catalogue_examples import curl_example, python_example
from bighead.serving.ui.catalogue_view import CatalogueView
from bighead.serving.ui.column_panels import column_panel, hidden_profile, null_chart
from bighead.serving.ui.feature_set_page import DAYS, lineage_of, newest_days, span_words
from bighead.serving.ui.features_page import set_card

_WEEKS = 52


@get("/features/{name:str}/{feature:str}", sync_to_thread=True)
def show_feature(
    name: FromPath[str],
    feature: FromPath[str],
    request: Request[Any, Any, Any],
    registry: Registry,
    settings: Configured,
) -> Template:
    """Show one feature; its name may leave the set's out."""
    view = CatalogueView(settings, registry)
    why = withheld(view.feature_set(name), request.headers.get("authorization", ""), settings.tokens)
    url = str(request.base_url).rstrip("/")
    return answer_page("feature.html", feature_page(view, name, feature, url, why))


def feature_page(view: CatalogueView, set_name: str, name: str, url: str, why: str = "") -> FeaturePage:
    """Return what the page shows; without values where `why` says the reason.

    Raises:
        UnknownNameError: there is no such set or feature.
    """
    feature_set = view.feature_set(set_name)
    feature = _feature(feature_set, name)
    values, consumers = _uses(view, feature_set, feature)
    by_day = newest_days(view, "features", set_name, DAYS)
    merged = merge_profiles(by_day.values())
    column = merged.columns.get(feature.column)
    doc = feature_set.docs.get(feature.column, "")
    caption = "The share of a day's rows without a value."
    nulls = null_chart(by_day, feature.column, caption)
    card = set_card(view, feature_set)
    unit, pii = feature_set.units.get(feature.column, ""), feature.column in pii_inputs(feature_set)
    panel = column_panel(feature.column, column, doc, "input", nulls, unit=unit, pii=pii) if column else None
    example = hidden_profile(feature_set, merged, why)
    return FeaturePage(
        set=card,
        name=feature.name,
        about=feature.doc,
        facts=_facts(feature_set, feature, values),
        values=() if why else tuple(values),
        input=None if why else panel,
        span=span_words(by_day),
        consumers=tuple(consumers),
        lineage=lineage_of(view, set_name),
        python=python_example(
            feature_set,
            view.project_of(set_name),
            example,
            card.newest,
            feature.name,
        ),
        curl=curl_example(url, feature_set),
        withheld=why,
    )


def _feature(feature_set: FeatureSet, name: str) -> Feature:
    known = {each.name: each for each in feature_set.features}
    found = known.get(name) or known.get(f"{feature_set.name}_{name}")
    if found is None:
        raise UnknownNameError(f"feature of {feature_set.name!r}", name, known)
    return found


def _uses(
    view: CatalogueView, feature_set: FeatureSet, feature: Feature
) -> tuple[list[ColumnPanel], list[tuple[str, str, str, str]]]:
    """Return the feature's values in each training set that has it, and who reads it: (kind, name, as, link)."""
    panels: list[ColumnPanel] = []
    consumers: list[tuple[str, str, str, str]] = []
    for training in view.training_sets.values():
        columns = [
            ref.output(f)
            for ref in training.refs
            if ref.set.name == feature_set.name
            for f in ref.features
            if f.name == feature.name
        ]
        if not columns:
            continue
        by_week = newest_days(view, "training_sets", training.name, _WEEKS)
        merged = merge_profiles(by_week.values())
        for column in columns:
            consumers.append(("training set", training.name, column, ""))
            if column in merged.columns:
                nulls = null_chart(by_week, column, "The share of a week's questions without a value.")
                panels.append(
                    column_panel(
                        column,
                        merged.columns[column],
                        f"in {training.name}: {span_words(by_week)}",
                        "",
                        nulls,
                        pii=feature.name in pii_features(feature_set),
                    )
                )
        for model in view.models.values():
            if model.training_set == training.name:
                link = f"/models/{model.name}" if model.name in view.registered else ""
                read = [*columns, *(d.name for d in training.derived if set(columns) & set(d.roots))]
                consumers += [("model", model.name, c, link) for c in read if c in model.inputs]
    return panels, consumers


def _facts(feature_set: FeatureSet, feature: Feature, values: list[ColumnPanel]) -> tuple[Said, ...]:
    told = [
        ("Computed as", feature.what.replace("`", "")),
        ("Window", _window(feature)),
        ("Type", values[0].dtype if values else "known once a training set has it"),
        ("Owner", feature_set.owner),
        ("Keys", ", ".join(feature_set.keys) or "none"),
    ]
    unit = feature_set.units.get(feature.column or feature_set.short(feature), "")
    told += [("Unit of its input" if feature.operation else "Unit", unit)] if unit else []
    told += [("Personal data", "pii: values are hidden")] if feature.name in pii_features(feature_set) else []
    told += [("Tags", ", ".join(feature_set.tags))] if feature_set.tags else []
    return tuple(Said(name, value) for name, value in told)


def _window(feature: Feature) -> str:
    if feature.derivation is not None:
        return f"those of {', '.join(feature.derivation.roots)}"
    return feature.window.text if feature.window else "none: a fact"
