"""`/models/{model}`: its artifacts, who serves them, and the history of what was active."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath
from litestar.response import Template

from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.registry.rollback import standing_stack
from bighead.pipeline_lib.registry.values import Artifact, HistoryEvent, Promotion
from bighead.resources.registry_store import RegistryStore
from bighead.serving.registry_api.dependencies import Registry
from bighead.serving.ui.answers import answer_page
from bighead.serving.ui.charts import LEFT, RIGHT, TOP, Axis, Chart, Dot, Tick, path, sampled
from bighead.serving.ui.contexts import ModelPage, TimelineEntry
from bighead.serving.ui.registry_view import FIRST_METRICS, artifact_row, card, main_metric
from bighead.serving.ui.wording import metric, title

_TREND_WIDTH, _TREND_HEIGHT = 500, 200
_COLUMNS = 5
_ENTRIES = 40


@get("/models/{model:str}", sync_to_thread=True)
def show_model(model: FromPath[str], registry: Registry) -> Template:
    """Show one model."""
    return answer_page("model.html", model_page(registry, model))


def model_page(registry: RegistryStore, name: str, problem: BigheadError | None = None) -> ModelPage:
    """Return the page's context; `problem` is what a promotion just asked for ran into.

    Raises:
        UnknownNameError: no such model.
    """
    model = registry.model(name)
    desired, history, artifacts = registry.desired()[name], registry.history(name), registry.artifacts(name)
    active = next((artifact for artifact in artifacts if artifact.number == desired.active), None)
    known = [metric_ for artifact in artifacts for metric_ in artifact.metrics]
    columns = [column for column in FIRST_METRICS if column in known] or sorted(set(known))
    rows = (artifact_row(model, artifact, desired, active, history) for artifact in reversed(artifacts))
    return ModelPage(
        card=card(registry, model, desired, registry.gateways()),
        columns=tuple(columns[:_COLUMNS]),
        rows=tuple(rows),
        trend=_trend(artifacts, main_metric(model.config, artifacts[-1])) if artifacts else None,
        timeline=_timeline(history, registry.promotions(name)),
        can_roll_back=len(standing_stack(history)) > 1,
        notice=problem.message if problem else "",
        cure=(problem.cure or "") if problem else "",
    )


def _timeline(
    history: tuple[HistoryEvent, ...], attempts: tuple[Promotion, ...]
) -> tuple[TimelineEntry, ...]:
    moves = [
        TimelineEntry(e.at, e.kind, e.number, e.previous, e.actor, e.reason, e.forced, True, "")
        for e in history
    ]
    failures = [
        TimelineEntry(p.started_at, p.kind, p.number, None, p.actor, p.reason, p.forced, False, p.detail)
        for p in attempts
        if p.status in ("failed", "dropped")
    ]
    newest_first = sorted([*moves, *failures], key=lambda entry: entry.at, reverse=True)
    return tuple(newest_first[:_ENTRIES])


def _trend(artifacts: tuple[Artifact, ...], name: str | None) -> Chart | None:
    """Return the main metric over artifact numbers, once there are two to compare."""
    points = [(a.number, a.metrics[name]) for a in artifacts if name is not None and name in a.metrics]
    seen = [(number, value) for number, value in points if value is not None]
    if name is None or len(seen) < 2:
        return None
    low, high = min(value for _, value in seen), max(value for _, value in seen)
    margin = (high - low) * 0.2 or 0.01
    x_axis = Axis(seen[0][0], seen[-1][0], LEFT + 14, _TREND_WIDTH - RIGHT - 14)
    y_axis = Axis(low - margin, high + margin, _TREND_HEIGHT - 46, TOP)
    placed = [(x_axis.at(number), y_axis.at(value)) for number, value in seen]
    shown = sampled(len(seen), 8)
    return Chart(
        name=f"{title(name)} by artifact",
        caption="",
        x_label="Artifact",
        y_label=title(name),
        x_ticks=tuple(Tick(placed[index][0], f"#{seen[index][0]}") for index in shown),
        y_ticks=y_axis.ticks(3),
        line=path(placed),
        area="",
        reference="",
        dots=tuple(
            Dot(*at, f"artifact {number}: {metric(value)}", 4)
            for at, (number, value) in zip(placed, seen, strict=True)
        ),
        width=_TREND_WIDTH,
        right=_TREND_WIDTH - RIGHT,
        height=_TREND_HEIGHT,
        bottom=_TREND_HEIGHT - 46,
        top=TOP,
    )
