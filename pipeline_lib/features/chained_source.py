"""Events that carry features of other sets: a feature set built on feature sets, or on a training set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError, quoted
from bighead.pipeline_lib.features.event_source import EventSource
from bighead.pipeline_lib.features.mutations import Mutations

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.feature_ref import FeatureRef
    from bighead.pipeline_lib.features.feature_set import FeatureSet
    from bighead.pipeline_lib.features.training_set import TrainingSet


class Definitions(Protocol):
    """What resolves the names of a chained source: a catalogue that is being made."""

    def use(self, name: str) -> FeatureRef:
        """Return the use that `set` or `set:feature` names."""
        ...

    def used(self, ref: FeatureRef) -> FeatureRef:
        """Return a use whose set has its own names resolved."""
        ...

    def training_set(self, name: str) -> TrainingSet:
        """Return the training set of a name, its features resolved."""
        ...


@dataclass(frozen=True)
class ChainedSource:
    """Rows that happened, each with features of other sets as of its own time: what Chronon calls a JoinSource.

    A row at t carries what the other sets' features were at t, by their own boundary (strictly before t by default),
    and is known from t on, or from when the row itself is. It is computed in batches only: online the newest
    generation answers.

    Args:
        left: The rows: an EventSource without a stream; or a TrainingSet, of which its left rows, features and
            derivations are taken, never its label; or the name of one, which a catalogue resolves.
        features: FeatureSets, uses of them (`sellers.on(seller="seller_id")`) or names that a catalogue resolves:
            `sellers`, `sellers:orders_count_30d`. None where `left` is a training set, which has its own.
        select: Derived columns, `{name: SQL expression over the rows' columns and the features}`.
        where: SQL condition over both; rows for which it is not true are left out.

    Raises:
        DefinitionError: a left side with a stream, features beside a training set, or none at all.
        NameCollisionError: two features, or a feature and a derived column, of one name.
    """

    left: EventSource | TrainingSet | str
    features: Sequence[FeatureSet | FeatureRef | str] = ()
    select: Mapping[str, str] | None = field(default=None, hash=False)
    where: str | None = None

    def __post_init__(self) -> None:
        from bighead.pipeline_lib.features.feature_set import FeatureSet

        object.__setattr__(self, "select", None if self.select is None else dict(self.select))
        if isinstance(self.features, str):
            raise DefinitionError(f"features is {self.features!r}.", cure=f"Expected [{self.features!r}].")
        uses = tuple(each.on() if isinstance(each, FeatureSet) else each for each in self.features)
        object.__setattr__(self, "features", uses)
        self._check_left()
        self._check_uses()

    def _check_left(self) -> None:
        from bighead.pipeline_lib.features.training_set import TrainingSet

        if isinstance(self.left, EventSource):
            if self.left.stream is not None:
                raise DefinitionError(
                    f"a chained source's left side has the stream {self.left.stream!r}.",
                    cure="Leave the stream out: it is computed in batches, and online its newest generation answers.",
                )
            wanted = bool(self.features), "at least one feature set beside an EventSource"
        elif isinstance(self.left, TrainingSet | str) and self.left:
            wanted = not self.features, "no features beside a training set, which has its own"
        else:
            wanted = False, "left to be an EventSource, a TrainingSet or the name of one"
        if not wanted[0]:
            raise DefinitionError(
                f"a chained source has left={type(self.left).__name__} and {len(self.features)} features.",
                cure=f"Expected {wanted[1]}.",
            )

    def _check_uses(self) -> None:
        from bighead.pipeline_lib.features.feature_ref import FeatureRef

        for each in self.features:
            if not isinstance(each, FeatureRef | str):
                raise DefinitionError(
                    f"{each!r} is among the features of a chained source.",
                    cure="Expected a FeatureSet, a use of one, set.on(…), or a name.",
                )
        if self.names:
            return
        outputs = [column for ref in self.refs for column in ref.columns()]
        derived = () if isinstance(self.left, EventSource | str) else self.left.derivations
        names = [*outputs, *derived, *(self.select or {})]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise NameCollisionError(
                f"a chained source has {quoted(doubled)} more than once.",
                cure="Give one use a prefix, set.on(prefix=…), or the derived column another name.",
            )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What no catalogue has resolved yet."""
        left = (self.left,) if isinstance(self.left, str) else ()
        own = () if isinstance(self.left, EventSource | str) else self.left.features
        return (*left, *(each for each in (*self.features, *own) if isinstance(each, str)))

    @cached_property
    def events(self) -> EventSource:
        """The left rows: a training set's are its questions, with the row id as the event's.

        Raises:
            DefinitionError: the training set's name is still unresolved.
        """
        if isinstance(self.left, EventSource):
            return self.left
        if isinstance(self.left, str):
            raise self._unresolved()
        return EventSource(self.left.left.table, self.left.timestamp, event_id=self.left.row_id)

    @cached_property
    def refs(self) -> tuple[FeatureRef, ...]:
        """The uses of other sets.

        Raises:
            DefinitionError: names are still unresolved.
        """
        from bighead.pipeline_lib.features.feature_ref import FeatureRef

        if self.names:
            raise self._unresolved()
        if isinstance(self.left, EventSource | str):
            return tuple(each for each in self.features if isinstance(each, FeatureRef))
        return self.left.refs

    def _unresolved(self) -> DefinitionError:
        return DefinitionError(
            f"a chained source has names that no catalogue has resolved: {quoted(self.names)}.",
            cure="Load the project, or make a Catalog of the definitions.",
        )

    def resolved(self, among: Definitions) -> ChainedSource:
        """Return the same source with definitions in place of names."""
        from bighead.pipeline_lib.features.feature_ref import FeatureRef

        if isinstance(self.left, EventSource):
            uses = [
                among.used(each) if isinstance(each, FeatureRef) else among.use(str(each))
                for each in self.features
            ]
            return replace(self, features=uses)
        left = among.training_set(self.left) if isinstance(self.left, str) else self.left.resolved(among)
        return replace(self, left=left)

    @property
    def upstream(self) -> tuple[FeatureSet, ...]:
        """The sets it is built on, each once.

        Raises:
            DefinitionError: names are still unresolved.
        """
        return tuple({ref.set.name: ref.set for ref in self.refs}.values())

    @property
    def event_time(self) -> str:
        """The left rows' column of the time they happened."""
        return self.events.event_time

    @property
    def available_at(self) -> str | None:
        """The left rows' column of the time they could be known."""
        return self.events.available_at

    @property
    def event_id(self) -> str | None:
        """The left rows' column that tells them apart."""
        return self.events.event_id

    @property
    def mutations(self) -> Mutations | None:
        """How the left table tells mutations."""
        return self.events.mutations

    @property
    def start_date(self) -> str | None:
        """First day of the left rows, ISO."""
        return self.events.start_date

    @property
    def stream(self) -> str | None:
        """It has none: it is computed in batches."""
        return None

    @property
    def retracts(self) -> bool:
        """Whether left rows are taken back, by updates and deletes."""
        return self.events.retracts

    @property
    def tables(self) -> tuple[str, ...]:
        """Every warehouse table that the left rows come from."""
        return self.events.tables
