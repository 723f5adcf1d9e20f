"""`GET /v1/features?q=`: search in the catalogue; `/v1/features/{set}`: a set's definition, lineage and statistics."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from litestar import Request, Router, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery
from litestar.types import ExceptionHandlersMap

from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.features.care import pii_inputs
from bighead.pipeline_lib.features.lineage import Node
from bighead.pipeline_lib.features.plain import to_plain
from bighead.pipeline_lib.profiles.column import ColumnProfile, instant_of, without_values
from bighead.pipeline_lib.profiles.profile import merge_profiles
from bighead.pipeline_lib.quality.upstream import NOTE as SCHEMA
from bighead.serving.identity import withheld
from bighead.serving.registry_api.dependencies import Configured, Registry
from bighead.serving.registry_api.error_answers import answer_bighead_error, answer_http_error
from bighead.serving.ui.catalogue_view import CatalogueView

_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_MOST = 1000


@get("/", sync_to_thread=True)
def find_features(
    registry: Registry, settings: Configured, q: FromQuery[str] = "", limit: FromQuery[int] = 50
) -> dict[str, Any]:
    """Search sets, features and training sets; where nothing fits, `suggestion` is what may have been meant."""
    found = CatalogueView(settings, registry).search(q, max(1, min(limit, _MOST)))
    hits = [{**asdict(hit.entry), "score": hit.score} for hit in found.hits]
    return {"query": found.query, "hits": hits, "suggestion": found.suggestion}


@get("/{name:str}", sync_to_thread=True)
def describe_feature_set(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    registry: Registry,
    settings: Configured,
    start: FromQuery[str] = "",
    end: FromQuery[str] = "",
) -> dict[str, Any]:
    """Describe a set; its statistics are merged over the stored days from `start` to `end`, by default all."""
    view = CatalogueView(settings, registry)
    feature_set, node = view.feature_set(name), Node("feature set", name)
    by_day = view.history("features", name).between(start, end)
    merged = merge_profiles(by_day.values())
    newest = view.newest(name)
    why = withheld(feature_set, request.headers.get("authorization", ""), settings.tokens)
    hidden = pii_inputs(feature_set)
    return {
        "definition": to_plain(feature_set),
        "hash": feature_set.hash,
        "features": [{"name": f.name, "what": f.what, "doc": f.doc} for f in feature_set.features],
        "freshness": {"newest_event_time": newest.isoformat() if newest else None},
        "lineage": {
            "upstream": [asdict(each) for each in view.lineage.upstream(node)],
            "downstream": [asdict(each) for each in view.lineage.downstream(node)],
        },
        "statistics": {
            "partitions": sorted(by_day),
            "rows": merged.rows,
            "withheld": why,
            "columns": {
                column: statistics(without_values(each) if column in hidden else each)
                for column, each in ({} if why else merged.columns).items()
            },
        },
        "checks": [
            {**asdict(each.verdict), "passed": each.passed, "at": each.at.isoformat()}
            for each in view.verdicts(name)
        ],
        "schema": view.profiles.noted("features", name, SCHEMA),
    }


def statistics(column: ColumnProfile) -> dict[str, Any]:
    """Return a column's profile as JSON shows it: numbers, and by how much they may be off."""
    is_time = column.kind == "time"

    def said(value: int | float | str | None) -> int | float | str | None:
        return instant_of(value).isoformat() if is_time and isinstance(value, int | float) else value

    moments = column.moments
    return {
        "dtype": column.dtype,
        "count": column.count,
        "null": column.nulls,
        "nan": column.nans,
        "positive_infinity": column.positive_infinities,
        "negative_infinity": column.negative_infinities,
        "min": said(column.minimum),
        "max": said(column.maximum),
        "distinct": {"estimate": column.distinct.estimate, "exact": column.distinct.exact},
        "mean": moments.mean if moments.n and moments.variance is not None else None,
        "stddev": moments.stddev,
        "skew": moments.skew,
        "kurtosis": moments.kurtosis,
        "quantiles": {f"{q:g}": said(column.quantiles.quantile(q)) for q in _QUANTILES},
        "quantile_rank_error": column.quantiles.rank_error,
        "top": [{"value": value, "count": count} for value, count in column.top.largest(20)],
        "top_count_error": column.top.error,
    }


def route_handlers() -> list[Router]:
    """Return what an app registers to speak the catalogue's REST; it provides `registry` and `settings`."""
    answers: ExceptionHandlersMap = {BigheadError: answer_bighead_error, HTTPException: answer_http_error}
    handlers = [find_features, describe_feature_set]
    return [Router("/v1/features", route_handlers=handlers, exception_handlers=answers, tags=["features"])]
