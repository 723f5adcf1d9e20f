"""Which days or hours a set has to have: from its source's first, or its project's, to the last whole one."""

from __future__ import annotations

from datetime import date, datetime

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import CalendarSource, FeatureSet
from bighead.pipeline_lib.project import Project


def first_day(project: Project) -> date:
    """Return the first day of a project: the earliest that a source or a model names.

    Raises:
        DefinitionError: none of them names one.
    """
    sources = [each.source for each in project.feature_sets.values()]
    named = [s.start_date for s in sources if not isinstance(s, CalendarSource) and s.start_date]
    named += [model.fit_config.start_date for model in project.models.values()]
    if not named:
        raise DefinitionError(
            f"nothing in the project {project.name!r} says when its history starts.",
            cure='Give a source its first day: EventSource(…, start_date="2026-01-01").',
        )
    return date.fromisoformat(min(named))


def days_until(feature_set: FeatureSet, project: Project, now: datetime) -> list[date]:
    """Return the whole partitions of a set's history before `now`; none for a calendar.

    Raises:
        DefinitionError: nothing says when the history starts.
    """
    source = feature_set.source
    if isinstance(source, CalendarSource):
        return []
    first = source.start_date or first_day(project).isoformat()
    grain = feature_set.grain
    return grain.whole(grain.start(grain.beginning(first)), now)
