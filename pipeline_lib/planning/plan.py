"""A whole project beside what is stored of it: each set's days, who uses them, and what the online store holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bighead.pipeline_lib.features import CalendarSource, FeatureSet, TrainingSet
from bighead.pipeline_lib.features.batch_grain import HOURLY, grain_of, key_of
from bighead.pipeline_lib.features.chain import upstream_first, upstream_of
from bighead.pipeline_lib.features.lineage import Lineage, Node
from bighead.pipeline_lib.features.row_definition import training_rows_hash
from bighead.pipeline_lib.features.source import Events
from bighead.pipeline_lib.planning.history import days_until
from bighead.pipeline_lib.planning.set_plan import SetPlan, plan_set
from bighead.pipeline_lib.point_in_time.chained import days_behind
from bighead.pipeline_lib.point_in_time.stale import stale_days
from bighead.pipeline_lib.point_in_time.touched import touched_days
from bighead.pipeline_lib.ports import FeatureStore, TableReader
from bighead.pipeline_lib.project import Project

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Uploaded(Protocol):
    """A generation of the online store: the rows before `midnight`, UTC µs."""

    @property
    def midnight(self) -> int:
        """The instant before which its rows lie."""
        ...


class OnlineDefinitions(Protocol):
    """What a plan asks of the online store."""

    def definitions(self) -> Mapping[str, FeatureSet]:
        """Return every definition that was ever uploaded."""
        ...

    def generations(self, feature_set: FeatureSet) -> Sequence[Uploaded]:
        """Return a definition's kept generations, newest first."""
        ...


@dataclass(frozen=True)
class Plan:
    """What `bighead backfill` would do at `now`, by feature set, and what one ought to know before.

    `stale_weeks` are the stored weeks of training sets that another definition made; training builds them again.
    """

    project: str
    now: datetime
    sets: tuple[SetPlan, ...]
    warnings: tuple[str, ...] = ()
    stale_weeks: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    @property
    def days(self) -> int:
        """How many days of how ever many sets there are to compute."""
        return sum(len(each.days) for each in self.sets) - self.hours

    @property
    def hours(self) -> int:
        """How many hours of sets of hourly batches there are to compute."""
        return sum(len(each.days) for each in self.sets if each.days and grain_of(each.days[0]) is HOURLY)

    @property
    def seconds(self) -> float | None:
        """About how long that takes; None where one of the sets cannot be estimated."""
        busy = [each.seconds for each in self.sets if each.days]
        known = [seconds for seconds in busy if seconds is not None]
        return sum(known) if len(known) == len(busy) else None

    def to_plain(self) -> dict[str, Any]:
        """Return the plan as JSON's types."""
        sets = {each.name: _plain(each) for each in self.sets}
        whole = {
            "days": self.days,
            "hours": self.hours,
            "seconds": _rounded(self.seconds),
            "warnings": list(self.warnings),
        }
        weeks = {name: list(each) for name, each in self.stale_weeks.items()}
        named = {"project": self.project, "now": self.now.isoformat(), "feature_sets": sets}
        return {**named, "stale_training_weeks": weeks, **whole}

    def __str__(self) -> str:
        from bighead.pipeline_lib.planning.wording import in_words

        return in_words(self)


def plan_project(
    project: Project,
    store: FeatureStore,
    now: datetime,
    online: OnlineDefinitions | None = None,
    names: Sequence[str] = (),
    tables: TableReader | None = None,
    late: bool = False,
) -> Plan:
    """Compare a project's sets, all or those of these names, with what is stored; nothing is computed or written.

    With `tables`, mutations are read, and compared with the stored days that they may have touched; with `late` too,
    all sources are, for rows that came after their day was stored.

    Raises:
        UnknownNameError: no such feature set.
        DefinitionError: nothing says when the history starts.
    """
    chosen = [project.catalog.use(name).set for name in names] or list(project.feature_sets.values())
    sets: list[SetPlan] = []
    for each in upstream_first(chosen):
        if isinstance(each.source, CalendarSource):
            continue
        days = days_until(each, project, now)
        stored = store.stored_days(each.name, each.grain)
        fresh = sorted(set(days) & set(stored) - set(stale_days(each, stored)))
        touched = touched_days(each, fresh, tables, store, late=late) if tables else []
        again = {below.name: below.days for below in sets}
        touched = sorted({*touched, *days_behind(each, fresh, store, again)})
        made = plan_set(each, days, stored, store.spent(each.name, each.grain), touched)
        made = _used(made, project)
        sets.append(replace(made, online=_mismatches(each, made, online)) if online else made)
    used = {name for made in sets for name in made.training_sets}
    weeks = {name: _stale_weeks(project.training_sets[name], store) for name in sorted(used)}
    kept = {name: each for name, each in weeks.items() if each}
    return Plan(project.name, now, tuple(sets), _warnings(project), kept)


def _stale_weeks(training_set: TrainingSet, store: FeatureStore) -> tuple[str, ...]:
    made, now = store.made_of("training_sets", training_set.name), training_rows_hash(training_set)
    return tuple(sorted(week for week, seen in made.items() if seen not in (None, now)))


def _used(made: SetPlan, project: Project) -> SetPlan:
    """Add who uses the set: sets that are built on it, training sets of them all, and the models on these."""
    catalog, models = project.catalog, {name: each.source.name for name, each in project.models.items()}
    lineage = Lineage(catalog.feature_sets.values(), catalog.training_sets.values(), models)
    users = set(lineage.downstream(Node("feature set", made.name)))
    return replace(
        made,
        feature_sets=tuple(name for name in catalog.feature_sets if Node("feature set", name) in users),
        training_sets=tuple(name for name in catalog.training_sets if Node("training set", name) in users),
        models=tuple(name for name in models if Node("model", name) in users),
    )


def _mismatches(feature_set: FeatureSet, made: SetPlan, online: OnlineDefinitions) -> tuple[str, ...]:
    mine = online.generations(feature_set)
    others = [
        each
        for each in online.definitions().values()
        if each.name == feature_set.name and each.hash != feature_set.hash and online.generations(each)
    ]
    told = [
        f"the generation of {_moment(online.generations(each)[0])} is of another definition, {each.hash[:12]}"
        for each in others
    ]
    if not mine:
        return tuple(told)
    span = feature_set.max_window if isinstance(feature_set.source, Events) else None
    for each in mine:
        end = _EPOCH + timedelta(microseconds=each.midnight)
        first = None if span is None else end - timedelta(microseconds=span)
        grain = feature_set.grain
        reached = [
            day for day in made.days if grain.start(day) < end and (first is None or grain.end(day) > first)
        ]
        if reached:
            told.append(
                f"the generation of {_moment(each)} reaches {len(reached)} of the {grain.noun}s to compute"
            )
    return tuple(told)


def _warnings(project: Project) -> tuple[str, ...]:
    told = []
    for training_set in project.training_sets.values():
        for each in training_set.feature_sets:
            if each.boundary == "inclusive" and training_set.left.table in each.source.tables:
                told.append(
                    f"{each.name!r} has boundary='inclusive' and reads {training_set.left.table!r}, which also asks"
                    f" the questions of {training_set.name!r}: a question sees its own row."
                )
    for chained in project.feature_sets.values():
        for each in upstream_of(chained):
            if each.boundary == "inclusive" and set(chained.source.tables) & set(each.source.tables):
                told.append(
                    f"{each.name!r} has boundary='inclusive' and reads {chained.source.tables[0]!r}, as"
                    f" {chained.name!r} does, which is built on it: a row sees itself."
                )
    return tuple(told)


def _plain(each: SetPlan) -> dict[str, Any]:
    found = asdict(each)
    days = each.days
    found |= {name: len(found[name]) for name in ("missing", "stale", "touched")}
    found["days"] = len(days)
    found["first"], found["last"] = (key_of(days[0]), key_of(days[-1])) if days else (None, None)
    found["seconds"] = _rounded(each.seconds)
    lists = ("changes", "added", "feature_sets", "training_sets", "models", "online")
    return found | {name: list(found[name]) for name in lists}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _moment(generation: Uploaded) -> str:
    return (_EPOCH + timedelta(microseconds=generation.midnight)).isoformat()
