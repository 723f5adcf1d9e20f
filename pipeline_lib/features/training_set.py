"""Steps 1 and 3 of 9: a training set asks questions at times, and names each one's features and label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from bighead.pipeline_lib.errors import DefinitionError, LeakError, NameCollisionError, quoted
from bighead.pipeline_lib.features.care import check_readable
from bighead.pipeline_lib.features.derivation import Derivation, checked_derivations
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.naming import check_name
from bighead.pipeline_lib.features.request_input import Input, check_said_once, checked_inputs
from bighead.pipeline_lib.features.row_derivations import derived_from_rows
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.quality.checks import Check
from bighead.pipeline_lib.quality.declared import checked_training

if TYPE_CHECKING:
    import polars as pl

    from bighead.pipeline_lib.features.chained_source import Definitions


@dataclass(frozen=True)
class LeftTable:
    """The table of questions, and when each of its columns is known: `known={"carrier": "-30d"}` before t.

    Raises:
        LeakError: a column is known only after the question.
    """

    table: str
    known: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not self.table:
            raise DefinitionError("a left table has no name.", cure="Name the table of questions.")
        object.__setattr__(self, "known", dict(self.known))
        for column, offset in self.known.items():
            if duration(offset) > 0:
                raise LeakError(
                    f"the column {column!r} of {self.table!r} is known {offset} after the question.",
                    cure="Leave it out, or ask the question later.",
                )


@dataclass(frozen=True)
class Label:
    """The column to predict; it is decided `horizon` after the question and known `delay` later.

    Raises:
        DefinitionError: a negative duration.
    """

    column: str
    horizon: str
    delay: str = "0s"

    def __post_init__(self) -> None:
        if not self.column:
            raise DefinitionError("a label has no column.", cure="Name the column to predict.")
        if self.horizon_us < 0 or self.delay_us < 0:
            raise DefinitionError(
                f"the label {self.column!r} has horizon={self.horizon!r}, delay={self.delay!r}.",
                cure="Expected durations of zero or more.",
            )

    @property
    def horizon_us(self) -> int:
        """Microseconds from the question until the label is decided."""
        return duration(self.horizon)

    @property
    def delay_us(self) -> int:
        """Microseconds from then until it is known."""
        return duration(self.delay)


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """Questions, the features known at each, and the label that came after.

    Args:
        name: Its name.
        left: The table of questions; every key and input column says when it is known.
        timestamp: The left column of the question's time t.
        row_id: The left column that names a row.
        features: FeatureSets, uses of them (`hosts.on(host="owner_id", prefix="host")`) or names that a
            catalogue resolves: `carrier`, `carrier:arr_delay_average_7d`.
        label: What is predicted.
        inputs: Left columns that are model inputs, besides the features: names, or an `Input` that says the
            type which training rows and requests must have.
        owner: Who answers for it.
        derivations: Columns made of features of any of its sets, of declared inputs and of the timestamp,
            `{name: SQL}`; they stand behind the features.
        checks: What must hold of the values of each stored partition, as `NullRate("hosts_age", max=0.05)`.

    Raises:
        LeakError: a key or input column that does not say when it is known, or is the label itself.
        UnknownNameError: a derivation reads what is neither of these.
        NameCollisionError: two output columns of one name.
        ForbiddenError: it has an owner who may not read a feature set.
    """

    name: str
    left: LeftTable
    timestamp: str
    row_id: str
    features: Sequence[FeatureSet | FeatureRef | str]
    label: Label
    inputs: Sequence[str | Input] = ()
    owner: str = ""
    derivations: Mapping[str, str] = field(default_factory=dict, hash=False)
    checks: Sequence[Check] = ()

    def __post_init__(self) -> None:
        check_name("training set", self.name)
        object.__setattr__(self, "inputs", checked_inputs(f"inputs of {self.name!r}", self.inputs))
        object.__setattr__(self, "derivations", checked_derivations(self.name, self.derivations))
        uses = tuple(f.on() if isinstance(f, FeatureSet) else f for f in self.features)
        object.__setattr__(self, "features", uses)
        self._check_known()
        self._check_collisions()
        if self.derivations and not any(isinstance(use, str) for use in uses):
            _ = self.derived
        object.__setattr__(self, "checks", checked_training(self))
        if self.owner:
            sets = [use.set for use in uses if isinstance(use, FeatureRef)]
            check_readable(f"the training set {self.name!r}", self.owner, sets)

    def _check_known(self) -> None:
        keys = [column for use in self.features if isinstance(use, FeatureRef) for column in use.key_columns]
        check_said_once(f"{self.name!r}", self.declared, self.left.known)
        if self.timestamp in self.declared:
            raise DefinitionError(
                f"{self.name!r} declares its timestamp {self.timestamp!r} as an Input.",
                cure="Leave it out: a request says it by `at`, and derivations may read it.",
            )
        said = {name for name, each in self.declared.items() if each.known is not None}
        for column in dict.fromkeys([*self.input_names, *keys]):
            if column == self.label.column:
                raise LeakError(
                    f"the label {column!r} of {self.name!r} is also an input.", cure="Leave it out."
                )
            if column not in self.left.known and column not in said and column != self.timestamp:
                raise LeakError(
                    f"{self.name!r} uses the column {column!r}, which does not say when it is known.",
                    cure=f'Add it to known of LeftTable({self.left.table!r}): known={{"{column}": "0s"}}.',
                )

    def _check_collisions(self) -> None:
        uses = [use for use in self.features if isinstance(use, FeatureRef)]
        outputs = [column for use in uses for column in use.columns()]
        keys = [column for use in uses for column in use.key_columns]
        taken = [*self.input_names, *keys, self.label.column, self.timestamp, self.row_id]
        names = [*dict.fromkeys(taken), *outputs, *self.derivations]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise NameCollisionError(
                f"{self.name!r} has {quoted(doubled)} more than once.",
                cure="Give one use a prefix: set.on(prefix=…); call a derivation something else.",
            )

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """The left columns that are model inputs."""
        return tuple(each.name if isinstance(each, Input) else each for each in self.inputs)

    @cached_property
    def declared(self) -> dict[str, Input]:
        """The inputs whose type is declared, by name."""
        return {each.name: each for each in self.inputs if isinstance(each, Input)}

    @cached_property
    def derived(self) -> tuple[Derivation, ...]:
        """The derivations, each after those that it reads; their roots are columns of the joined rows.

        Raises:
            UnknownNameError: one reads what is no feature, declared input or timestamp.
            LeakError: one reads the label.
            DefinitionError: one reads a left column without a type; or names are still unresolved.
        """
        return derived_from_rows(self)

    @property
    def refs(self) -> tuple[FeatureRef, ...]:
        """The uses of feature sets.

        Raises:
            DefinitionError: names are still unresolved.
        """
        names = [use for use in self.features if isinstance(use, str)]
        if names:
            raise DefinitionError(
                f"{self.name!r} names features that no catalogue has resolved: {quoted(names)}.",
                cure="Load the project, or call resolved(catalog).",
            )
        return tuple(use for use in self.features if isinstance(use, FeatureRef))

    @property
    def feature_sets(self) -> tuple[FeatureSet, ...]:
        """The feature sets used, each once."""
        return tuple({ref.set.name: ref.set for ref in self.refs}.values())

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The left columns that give keys, each once."""
        return tuple(dict.fromkeys(column for ref in self.refs for column in ref.key_columns))

    @property
    def input_columns(self) -> tuple[str, ...]:
        """What a model may read: the left inputs, then the features, then what is derived from both."""
        features = (column for ref in self.refs for column in ref.columns())
        return (*self.input_names, *features, *self.derivations)

    def origin(self, name: str) -> str:
        """Return where a column comes from: `key`, `context`, `feature:<set>`, or `derived` of these."""
        if name in self.derivations:
            return "derived"
        fetched = next((ref.set.name for ref in self.refs if name in ref.columns()), None)
        return f"feature:{fetched}" if fetched else "key" if name in self.key_columns else "context"

    def resolved(self, among: Definitions) -> TrainingSet:
        """Return the same training set with names, also those in its sets, replaced by what they name."""
        uses = [among.used(f) if isinstance(f, FeatureRef) else among.use(str(f)) for f in self.features]
        return replace(self, features=uses)

    def collect(self, start: datetime | str, end: datetime | str) -> pl.DataFrame:
        """Return the training rows with start ≤ t < end (UTC), in the left table's order.

        Raises:
            DefinitionError: no session is bound; `import bighead` binds the embedded one.
        """
        from bighead.pipeline_lib.ports import current_session

        return current_session().collect(self, start, end)
