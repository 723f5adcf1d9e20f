"""How a project lies on Dagster's time axis: the days and weeks that partition its definitions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import dagster as dg

from bighead.assets import keys
from bighead.assets.partitions import (
    back,
    daily,
    hourly,
    past_days,
    past_weeks,
    replayed_end,
    replayed_hour,
    weekday_of,
    weekly,
)
from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import CalendarSource, FeatureSet, TrainingSet
from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY
from bighead.pipeline_lib.features.chain import upstream_of
from bighead.pipeline_lib.features.settled import is_settled
from bighead.pipeline_lib.features.source import Events
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.planning import first_day
from bighead.pipeline_lib.project import Project
from bighead.resources.settings import Settings
from bighead.resources.sources import Warehouse

MONDAY = 1


@dataclass(frozen=True)
class Layout:
    """A project, the settings it runs under, and the partitions that follow from both."""

    project: Project
    settings: Settings

    @cached_property
    def end(self) -> date | None:
        """The day at whose midnight a replay's partitions end; None in real time."""
        return replayed_end(self.settings.now_clock)

    @cached_property
    def start(self) -> date:
        """The first day of the project: the earliest that a source or a model names.

        Raises:
            DefinitionError: none of them names one.
        """
        return first_day(self.project)

    @cached_property
    def stored_sets(self) -> tuple[FeatureSet, ...]:
        """The feature sets that have rows to keep; a calendar is a function of time alone."""
        sets = self.project.feature_sets.values()
        return tuple(each for each in sets if not isinstance(each.source, CalendarSource))

    @cached_property
    def calendars(self) -> tuple[FeatureSet, ...]:
        """The feature sets without rows."""
        return tuple(s for s in self.project.feature_sets.values() if isinstance(s.source, CalendarSource))

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Every table of the warehouse that a definition reads, once, sorted."""
        read = [table for each in self.stored_sets for table in each.source.tables]
        return tuple(sorted({*read, *(each.left.table for each in self.project.training_sets.values())}))

    @cached_property
    def snapshots(self) -> tuple[str, ...]:
        """The tables that are snapshots of a store without history, which the platform takes itself."""
        taken = Warehouse(self.settings.warehouse).snapshots()
        return tuple(table for table in self.tables if table in taken)

    def batches(self, feature_set: FeatureSet) -> dg.TimeWindowPartitionsDefinition:
        """Return a set's days or hours, from its source's first day."""
        source = feature_set.source
        named = source.start_date if isinstance(source, Events) else None
        first = date.fromisoformat(named) if named else self.start
        if feature_set.grain is HOURLY:
            return hourly(first, replayed_hour(self.settings.now_clock))
        return daily(first, self.end)

    def models_of(self, training_set: TrainingSet) -> list[ModelConfig]:
        """Return the models that train on a training set."""
        return [model for model in self.project.models.values() if model.source.name == training_set.name]

    def weeks(self, training_set: TrainingSet) -> dg.WeeklyPartitionsDefinition:
        """Return a training set's weeks: its models' earliest start, on the weekday they are fitted.

        Raises:
            DefinitionError: its models are fitted on different weekdays, or not weekly.
        """
        models = self.models_of(training_set)
        weekdays = {model.name: weekday_of(model.fit_config.schedule) for model in models}
        if len(set(weekdays.values())) > 1:
            raise DefinitionError(
                f"the models of {training_set.name!r} are fitted on different weekdays: {weekdays}.",
                cure="Fit them on one weekday, or give each a training set of its own.",
            )
        starts = [date.fromisoformat(model.fit_config.start_date) for model in models]
        return weekly(min(starts, default=self.start), next(iter(weekdays.values()), MONDAY), self.end)

    def scored_days(self, model: ModelConfig) -> dg.DailyPartitionsDefinition:
        """Return the days on which a model scores in batches and is monitored."""
        offline = model.transform_config.offline_config if model.transform_config else None
        first = offline.start_date if offline else model.fit_config.start_date
        return daily(date.fromisoformat(first), self.end)

    def feature_deps(self, training_set: TrainingSet, by: str) -> list[dg.AssetDep]:
        """Return what a `day` or a `week` of questions reads: its table, and each set's partitions back."""
        left = [dg.AssetDep(keys.table(training_set.left.table))]
        return [*left, *_days_back(training_set.feature_sets, past_days if by == "day" else past_weeks)]

    def source_deps(self, feature_set: FeatureSet) -> list[dg.AssetDep]:
        """Return what a partition of a set reads: its source's tables, and those of the sets that it is built on.

        Raises:
            DefinitionError: a set of hourly batches is built on daily batches of which an hour sees its own day.
        """
        grain = feature_set.grain
        for below in upstream_of(feature_set):
            if grain is HOURLY and below.grain is DAILY and not is_settled(below):
                raise DefinitionError(
                    f"{feature_set.name!r} has batch='1h', and is built on {below.name!r}, whose days tell of their"
                    " own hours: an hour could not be computed before its day is over.",
                    cure="Give both one grain; or say that the days' rows are known a day later: delay='1d',"
                    " landing='1d' or windows as 'snapshot:7d'.",
                )
        tables = [dg.AssetDep(keys.table(table)) for table in feature_set.source.tables]
        return [*tables, *_days_back(upstream_of(feature_set), lambda below: back(below, feature_set))]


def _days_back(
    sets: Iterable[FeatureSet], reaching: Callable[[FeatureSet], dg.TimeWindowPartitionMapping]
) -> list[dg.AssetDep]:
    """Return dependencies on the days of sets as far back as their windows reach; a calendar has none."""
    found = list(sets)
    dated = [
        dg.AssetDep(keys.features(each.name), partition_mapping=reaching(each))
        for each in found
        if not isinstance(each.source, CalendarSource)
    ]
    functions = [
        dg.AssetDep(keys.features(each.name)) for each in found if isinstance(each.source, CalendarSource)
    ]
    return [*dated, *functions]
