"""`/models/{model}/artifacts/{number}`: an artifact's worth, its pictures, its inside and where it came from."""

from __future__ import annotations

import json
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Template

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.registry.values import Artifact
from bighead.resources.registry_store import RegistryStore
from bighead.serving.registry_api.dependencies import Registry
from bighead.serving.ui.answers import answer_page
from bighead.serving.ui.charts import bars
from bighead.serving.ui.contexts import ArtifactPage, Fact, InputLine
from bighead.serving.ui.evaluation_charts import evaluation_charts
from bighead.serving.ui.registry_view import artifact_row, ordered_metrics
from bighead.serving.ui.stored_bundle import read_evaluation, read_json, read_picture
from bighead.serving.ui.wording import when, words

_BARS, _REST = 15, 150
_INPUTS = 200
# A picture comes out of a bundle: shown as an image it can neither run nor fetch anything.
_PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@get("/models/{model:str}/artifacts/{number:int}", sync_to_thread=True)
def show_artifact(
    model: FromPath[str], number: FromPath[int], request: Request[Any, Any, Any], registry: Registry
) -> Template:
    """Show one artifact."""
    return answer_page("artifact.html", _context(registry, model, number, str(request.base_url).rstrip("/")))


@get("/models/{model:str}/artifacts/{number:int}/pipeline.svg", sync_to_thread=True)
def show_pipeline(model: FromPath[str], number: FromPath[int], registry: Registry) -> Response[str]:
    """Return the picture of the artifact's pipeline.

    Raises:
        UnknownNameError: no such model or artifact, or no picture was stored.
    """
    picture = read_picture(registry.artifact(model, number).location)
    if picture is None:
        raise UnknownNameError("picture of the artifact", "pipeline.svg", [])
    return Response(picture, media_type="image/svg+xml", headers=_PICTURE_HEADERS)


def _context(registry: RegistryStore, name: str, number: int, url: str) -> ArtifactPage:
    model, artifact = registry.model(name), registry.artifact(name, number)
    row = artifact_row(
        model, artifact, registry.desired()[name], registry.active(name), registry.history(name)
    )
    stored = read_evaluation(artifact.location)
    manifest = read_json(artifact.location, "manifest.json")
    importance = sorted(stored.importance.items(), key=lambda item: -item[1])
    drawn = bars(importance, _BARS + _REST)
    return ArtifactPage(
        row=row,
        headlines=ordered_metrics(artifact),
        charts=evaluation_charts(stored),
        importance=drawn[:_BARS],
        importance_rest=drawn[_BARS:],
        has_picture=read_picture(artifact.location) is not None,
        checks=artifact.checks,
        facts=_facts(artifact, manifest),
        inputs=_inputs(manifest)[:_INPUTS],
        example=_example(artifact, manifest, url),
    )


def _facts(artifact: Artifact, manifest: dict[str, Any]) -> tuple[Fact, ...]:
    own = [
        Fact("Partition", artifact.partition),
        Fact("Trained on", f"{when(artifact.data_interval[0])} – {when(artifact.data_interval[1])}"),
        Fact("Registered", when(artifact.created_at)),
        Fact("Released", when(artifact.released_at) if artifact.released_at else "not yet"),
        Fact("Code version", artifact.code_version),
        Fact("Content hash", artifact.content_hash),
        Fact("Folder", artifact.location),
    ]
    provenance = manifest.get("provenance")
    told = {**(provenance if isinstance(provenance, dict) else {}), **artifact.metadata}
    return (*own, *(Fact(name.replace("_", " "), words(value)) for name, value in told.items()))


def _inputs(manifest: dict[str, Any]) -> tuple[InputLine, ...]:
    listed = manifest.get("inputs")
    return tuple(
        InputLine(str(column.get("name")), str(column.get("dtype", "")), str(column.get("origin", "")))
        for column in (listed if isinstance(listed, list) else [])
        if isinstance(column, dict)
    )


def _example(artifact: Artifact, manifest: dict[str, Any], url: str) -> str:
    """Return a curl command that asks this artifact; features are left out, since the server fetches them."""
    rows = read_json(artifact.location, "example.json").get("rows")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None
    fetched = {line.name for line in _inputs(manifest) if line.origin.startswith("feature:")}
    # A key that is no input of the model stands in no stored row; null is a key that nothing is known of.
    keys = manifest.get("key_columns") if row is not None else None
    unknown = {str(name): None for name in keys} if isinstance(keys, list) else {}
    asked = {**unknown, **{name: value for name, value in (row or {}).items() if name not in fetched}}
    if not asked:
        return ""
    body = json.dumps({"rows": [asked]}, indent=2).replace("'", "'\\''")
    return (
        f"curl {url}/v1/models/{artifact.model}/artifacts/{artifact.number}/predict \\\n"
        f"  --header 'content-type: application/json' \\\n"
        f"  --data '{body}'"
    )
