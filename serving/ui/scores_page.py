"""`/models/{model}/scores`: what a model answered in batches, day by day, and what its checks said of it."""

from __future__ import annotations

from collections.abc import Mapping

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from bighead.pipeline_lib.profiles.column import ColumnProfile
from bighead.pipeline_lib.profiles.profile import Profile, merge_profiles
from bighead.pipeline_lib.quality.ledger import recorded_verdicts
from bighead.serving.registry_api.dependencies import Configured, Registry
from bighead.serving.ui.answers import answer_page
from bighead.serving.ui.catalogue_contexts import ScoresPage
from bighead.serving.ui.catalogue_view import CatalogueView
from bighead.serving.ui.charts import Chart
from bighead.serving.ui.column_panels import column_panel, volumes
from bighead.serving.ui.feature_set_page import DAYS, newest_days, span_words
from bighead.serving.ui.profile_charts import over_days, shown

KIND, _ARTIFACT = "scores", "artifact"
# What a page of 100 kB has room for.
_COLUMNS = 8


@get("/models/{model:str}/scores", sync_to_thread=True)
def show_scores(
    model: FromPath[str], registry: Registry, settings: Configured, days: FromQuery[int] = DAYS
) -> Template:
    """Show the scores of a model, their profiles merged over the newest `days` scored days."""
    registry.model(model)
    page = scores_page(CatalogueView(settings, registry), model, max(1, min(days, 1000)))
    return answer_page("scores.html", page)


def scores_page(view: CatalogueView, model: str, days: int) -> ScoresPage:
    """Return what the page shows: of each predicted number its distribution, and its mean day by day."""
    by_day = newest_days(view, KIND, model, days)
    merged = merge_profiles(by_day.values())
    names = [name for name, column in merged.columns.items() if _is_answer(name, column)][:_COLUMNS]
    artifacts = merged.columns.get(_ARTIFACT)
    return ScoresPage(
        model=model,
        span=span_words(by_day),
        artifacts=()
        if artifacts is None
        else tuple(sorted(int(value) for value, _ in artifacts.top.largest())),
        volume=volumes(by_day),
        means=tuple(chart for name in names if (chart := _means(by_day, name)) is not None),
        columns=tuple(column_panel(name, merged.columns[name], "") for name in names),
        checks=recorded_verdicts(view.profiles, model, KIND),
    )


def _is_answer(name: str, column: ColumnProfile) -> bool:
    """Whether a column was predicted: questions give their row's id, time and keys, which tell nothing here."""
    return column.kind == "number" and column.dtype.startswith("Float") and name != _ARTIFACT


def _means(by_day: Mapping[str, Profile], name: str) -> Chart | None:
    """Return the mean of a prediction over days, the middle nine tenths in the titles."""
    known = {day: each.columns[name] for day, each in by_day.items() if name in each.columns}
    points = [(day, each.moments.mean) for day, each in known.items() if each.moments.n]
    titles = [
        f"{day}: mean {shown(each.moments.mean)}, 5 to 95 % {shown(each.quantiles.quantile(0.05))}"
        f" to {shown(each.quantiles.quantile(0.95))}"
        for day, each in known.items()
        if each.moments.n
    ]
    caption = "A day whose mean leaves the others behind was asked about other things, or answered by another model."
    return over_days(f"Mean {name}", caption, name, points, titles)
