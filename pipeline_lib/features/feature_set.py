"""Step 1 of 9, define: a feature set says what is computed, from which rows, for which keys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features.aggregation import Aggregation
from bighead.pipeline_lib.features.batch_grain import GRAINS, Grain, check_batch
from bighead.pipeline_lib.features.care import check_care
from bighead.pipeline_lib.features.declared_types import DeclaredType, Tensor, checked_types
from bighead.pipeline_lib.features.derivation import checked_derivations, resolve
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.filtered import check_filtered
from bighead.pipeline_lib.features.naming import check_columns, check_name
from bighead.pipeline_lib.features.source import CalendarSource, ChainedSource, Events, Source
from bighead.pipeline_lib.features.source_shape import check_age, check_shape
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.quality.checks import Check
from bighead.pipeline_lib.quality.declared import checked

if TYPE_CHECKING:
    import polars as pl

    from bighead.pipeline_lib.features.feature_ref import FeatureRef


@dataclass(frozen=True, kw_only=True)
class FeatureSet:
    """Features of one kind of entity, as functions of (key, time).

    Args:
        name: The first part of every feature's name.
        owner: Who answers for it, as `team:homes`.
        keys: Columns of the source that name the entity, in order; none for a calendar.
        source: An EventSource or a ChainedSource (with `aggregations`), an EntitySource (with `columns`) or a
            CalendarSource.
        aggregations: What is computed from events.
        columns: Facts taken as they are; for a calendar all its fields unless said otherwise.
        derivations: Features made of other features of the set, `{name: SQL}`; these are named without the set.
        docs: What an input column means, `{column: text}`; its features inherit it. Or what a derivation means.
        boundary: `exclusive` (strictly before t) or `inclusive`.
        batch: The grain of its partitions and uploads, `1d` or `1h`, days or hours of UTC; no value depends on it.
        tags: Free words for the catalogue.
        version: Raised by hand where the meaning of the source's data changed.
        max_age: How old the newest event of a value (a fact's day) may be at t, as `30d`; older ones are stale.
        on_stale: What a stale value becomes: `null`, or `keep`, as it is with its status.
        checks: What must hold of its days, as `NullRate("price", max=0.05)`.
        readers: Teams that may build on it and see its values, as `team:pricing`; anyone where none is named.
        writers: Teams that may send events to its stream; anyone where none is named. The owner's team may do both.
        units: What its inputs are measured in, `{"dist": "km"}`.
        pii: Columns that tell of persons: their values are masked in previews and hidden in the catalogue.
        types: Inputs of a declared type, `{"embedding": Tensor([128])}`: a Tensor or a Categorical.

    Raises:
        DefinitionError: a part that cannot be, named with the cure.
        NameCollisionError: two features of one name.
    """

    name: str
    owner: str
    keys: Sequence[str]
    source: Source
    aggregations: Sequence[Aggregation] = ()
    columns: Sequence[str] = ()
    docs: Mapping[str, str] = field(default_factory=dict, hash=False)
    boundary: str = "exclusive"
    batch: str = "1d"
    tags: Sequence[str] = ()
    version: int = 1
    max_age: str | None = None
    on_stale: str = "null"
    checks: Sequence[Check] = ()
    derivations: Mapping[str, str] = field(default_factory=dict, hash=False)
    readers: Sequence[str] = ()
    writers: Sequence[str] = ()
    units: Mapping[str, str] = field(default_factory=dict, hash=False)
    pii: Sequence[str] = ()
    types: Mapping[str, DeclaredType] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_name("feature set", self.name)
        for attribute in ("keys", "columns", "tags", "readers", "writers", "pii"):
            value = check_columns(f"{attribute} of {self.name!r}", getattr(self, attribute))
            object.__setattr__(self, attribute, value)
        object.__setattr__(self, "aggregations", tuple(self.aggregations))
        object.__setattr__(self, "docs", dict(self.docs))
        object.__setattr__(self, "units", dict(self.units))
        object.__setattr__(self, "derivations", checked_derivations(self.name, self.derivations))
        if isinstance(self.source, CalendarSource) and not self.columns:
            object.__setattr__(self, "columns", tuple(self.source.fields))
        check_shape(self)
        if isinstance(self.source, ChainedSource) and self.source.names:
            # A catalogue resolves the names first, and what comes of it is checked.
            object.__setattr__(self, "checks", tuple(self.checks))
            return
        self._check_values()
        object.__setattr__(self, "checks", checked(self))
        names = [feature.name for feature in self.features]
        doubled = [name for name in names if names.count(name) > 1]
        if doubled:
            raise NameCollisionError(
                f"{self.name!r} has two features {doubled[0]!r}.",
                cure='Keep one of them, or give one aggregation a name="…" of its own.',
            )
        if isinstance(self.source, ChainedSource):
            from bighead.pipeline_lib.features.chain import chain_of

            chain_of(self)

    def _check_values(self) -> None:
        if self.boundary not in ("exclusive", "inclusive"):
            raise DefinitionError(
                f"boundary is {self.boundary!r}.", cure="Expected 'exclusive' or 'inclusive'."
            )
        check_batch(self.name, self.batch, self.source)
        object.__setattr__(self, "types", checked_types(self))
        if isinstance(self.version, bool) or not isinstance(self.version, int) or self.version < 1:
            raise DefinitionError(f"version is {self.version!r}.", cure="Expected a whole number from 1 on.")
        check_age(self)
        check_care(self)
        inputs = {a.column for a in self.aggregations} | set(self.inputs)
        inputs |= {a.name for a in self.aggregations if a.name is not None} | set(self.derivations)
        for column in self.docs:
            if column not in inputs:
                raise UnknownNameError(f"input column of {self.name!r} (in docs)", column, inputs)
        if isinstance(self.source, CalendarSource):
            for column in self.columns:
                if column not in self.source.fields:
                    raise UnknownNameError("calendar field of this source", column, self.source.fields)
        self._check_reserved()
        check_filtered(self.name, self.aggregations, self._own_columns())

    def _check_reserved(self) -> None:
        if isinstance(self.source, CalendarSource):
            return
        event = self.source if isinstance(self.source, Events) else None
        own = {"event_time": event and event.event_time, "available_at": event and event.available_at}
        own["event_id"] = event and event.event_id
        until = ("available_to",) if self.source.retracts else ()
        for name in ("event_time", "available_at", "event_id", "partition", *until):
            if name in self.keys or (name in self.inputs and own.get(name) != name):
                raise DefinitionError(
                    f"{self.name!r} has a key or input called {name!r}, which cleaned rows use themselves.",
                    cure=f'Rename it: select={{"my_{name}": "{name}"}}.',
                )

    def _own_columns(self) -> set[str]:
        """The source's columns that cleaning reads by name."""
        source = self.source
        selected = () if isinstance(source, CalendarSource) else (source.select or {})
        times = (
            (source.event_time, source.available_at, source.event_id) if isinstance(source, Events) else ()
        )
        if not isinstance(source, CalendarSource) and source.mutations is not None:
            times = (*times, *source.mutations.columns)
        return {*self.keys, *self.source_inputs, *selected, *(name for name in times if name)}

    @property
    def grain(self) -> Grain:
        """The grain of its partitions."""
        return GRAINS[self.batch]

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The columns of the cleaned rows that are aggregated, split by or taken, each once, in order of use."""
        buckets = (bucket for a in self.aggregations for bucket in a.buckets)
        return tuple(dict.fromkeys([*(a.input for a in self.aggregations), *buckets, *self.columns]))

    @cached_property
    def source_inputs(self) -> tuple[str, ...]:
        """The columns of the source, or of its select, that the inputs are made of."""
        buckets = (bucket for a in self.aggregations for bucket in a.buckets)
        return tuple(dict.fromkeys([*(a.column for a in self.aggregations), *buckets, *self.columns]))

    @cached_property
    def filtered(self) -> dict[str, tuple[str, str]]:
        """The inputs that are a column where a condition holds and null elsewhere: `{name: (column, condition)}`."""
        return {a.input: (a.column, a.where) for a in self.aggregations if a.where is not None}

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """Every feature of the set: those made of rows in order of definition, then the derived ones by name."""
        made = {self.short(each): each.columns for each in self.computed}
        derived = resolve(self.name, self.derivations, made) if self.derivations else ()
        return self.computed + tuple(
            Feature(f"{self.name}_{d.name}", "", None, None, self.docs.get(d.name, ""), derivation=d)
            for d in derived
        )

    def short(self, feature: Feature) -> str:
        """The name of a feature without the set's."""
        return feature.name.removeprefix(f"{self.name}_")

    @cached_property
    def computed(self) -> tuple[Feature, ...]:
        """The features that are made of rows, in order of definition."""

        def doc(a: Aggregation) -> str:
            return self.docs.get(a.name or a.column, self.docs.get(a.column, ""))

        def tensor(column: str) -> Tensor | None:
            found = self.types.get(column)
            return found if isinstance(found, Tensor) else None

        windowed = [
            Feature(a.feature_name(self.name, w), a.input, a.operation, w, doc(a), a, tensor=tensor(a.column))
            for a in self.aggregations
            for w in a.windows
        ]
        facts = [
            Feature(f"{self.name}_{c}", c, None, None, self.docs.get(c, ""), tensor=tensor(c))
            for c in self.columns
        ]
        return tuple(windowed + facts)

    @cached_property
    def max_window(self) -> int | None:
        """How many µs before a question its windows reach at most; None where one is unbounded; 0 without."""
        reaches = [w.reach for a in self.aggregations for w in a.windows]
        known = [reach for reach in reaches if reach is not None]
        return None if len(known) < len(reaches) else max(known, default=0)

    @cached_property
    def max_age_us(self) -> int | None:
        """`max_age` in microseconds."""
        return None if self.max_age is None else duration(self.max_age)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what decides the values; batches, who may see them and what is said of them do not count."""
        from dataclasses import replace

        from bighead.pipeline_lib.features.codec import to_json

        meaning = replace(
            self, owner="-", batch="1d", docs={}, units={}, tags=(), checks=(), readers=(), writers=(), pii=()
        )
        if isinstance(self.source, ChainedSource):
            from bighead.pipeline_lib.features.chain import meaning_text

            return hashlib.sha256(meaning_text(meaning).encode()).hexdigest()
        return hashlib.sha256(to_json(meaning).encode()).hexdigest()

    def on(self, prefix: str | None = None, **mapping: str) -> FeatureRef:
        """Return the set looked up under other columns of the left row, `set_key="left_column"`.

        Raises:
            UnknownNameError: a key that the set lacks.
        """
        from bighead.pipeline_lib.features.feature_ref import FeatureRef

        for key in mapping:
            if key not in self.keys:
                raise UnknownNameError(f"key of {self.name!r}", key, self.keys)
        return FeatureRef(self, tuple((key, mapping.get(key, key)) for key in self.keys), prefix)

    def preview(self, at: datetime | str | None = None, keys: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return the features as of `at` (default: now), for `keys` or for keys seen in the last days.

        Raises:
            DefinitionError: no session is bound; `import bighead` binds the embedded one.
        """
        from bighead.pipeline_lib.ports import current_session

        return current_session().preview(self, at=at, keys=keys)

    def trace(self, feature: str, key: Mapping[str, Any], at: datetime | str) -> pl.DataFrame:
        """Return the rows that made the value of `feature` for `key` as of `at` (UTC), in order of time.

        Raises:
            UnknownNameError: no such feature.
            DefinitionError: no session is bound; `import bighead` binds the embedded one.
        """
        from bighead.pipeline_lib.ports import current_session

        return current_session().trace(self, feature, key, at)

    @classmethod
    def from_yaml(cls, path: str | Path) -> FeatureSet:
        """Read a feature set from a YAML file, in our form or the Bighead paper's.

        Raises:
            DefinitionError: names the file and the line.
        """
        from bighead.pipeline_lib.features.yaml_form import from_yaml

        return from_yaml(Path(path).read_text(encoding="utf-8"), where=str(path))
