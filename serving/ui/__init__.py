"""The pages: models, a model with its artifacts and history, an artifact with its pictures, the features.

Rendered here from stored data, without a script, a font or a picture from anywhere else. The app that takes
these handlers provides the dependencies `registry` and `settings`, and `template_config()`.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig
from litestar.types import ExceptionHandlersMap

from bighead.pipeline_lib.errors import BigheadError
from bighead.serving.ui import (
    artifact_page,
    feature_page,
    feature_set_page,
    features_page,
    forms,
    model_page,
    models_page,
    scores_page,
    wording,
)
from bighead.serving.ui.answers import answer_problem

_HERE = Path(__file__).parent
STATIC = "/static/ui"


def route_handlers() -> list[Router]:
    """Return what an app registers to serve the pages and their one style sheet."""
    problems: ExceptionHandlersMap = {BigheadError: answer_problem}
    pages = Router(
        "/",
        route_handlers=[
            models_page.show_models,
            model_page.show_model,
            scores_page.show_scores,
            artifact_page.show_artifact,
            artifact_page.show_pipeline,
            features_page.show_features,
            feature_set_page.show_feature_set,
            feature_page.show_feature,
            forms.promote,
            forms.roll_back,
        ],
        exception_handlers=problems,
        include_in_schema=False,
    )
    kept = CacheControlHeader(max_age=300)
    return [pages, create_static_files_router(STATIC, [_HERE / "static"], name="ui", cache_control=kept)]


def template_config() -> TemplateConfig[JinjaTemplateEngine]:
    """Return the templates' configuration; an unknown name in a template is an error, and all is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(wording.FILTERS)
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))
