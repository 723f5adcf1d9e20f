"""`/`: every model, what is active, how good it is, since when, and who serves it."""

from __future__ import annotations

from litestar import get
from litestar.response import Template

from bighead.serving.registry_api.dependencies import Registry
from bighead.serving.ui.answers import answer_page
from bighead.serving.ui.contexts import ModelsPage
from bighead.serving.ui.registry_view import card


@get("/", sync_to_thread=True)
def show_models(registry: Registry) -> Template:
    """Show the list of models."""
    desired, gateways = registry.desired(), registry.gateways()
    cards = (card(registry, model, desired[model.name], gateways) for model in registry.models())
    return answer_page("models.html", ModelsPage(tuple(cards)))
