"""What is known of a use of a feature set before any request: how its keys are read, and its plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import polars as pl

from bighead.pipeline_lib.features import FeatureRef
from bighead.pipeline_lib.features.source import CalendarSource, EntitySource, Events
from bighead.pipeline_lib.point_in_time.calendar_plan import CalendarPlan
from bighead.pipeline_lib.point_in_time.derived import result_types
from bighead.pipeline_lib.point_in_time.derived_plan import DerivedPlan, derived_plan
from bighead.pipeline_lib.point_in_time.fact_plan import FactPlan, fact_plan
from bighead.pipeline_lib.point_in_time.online_plan import OnlinePlan, online_plan
from bighead.pipeline_lib.point_in_time.status import immature_before
from bighead.resources.online_rows import canonical, key_type
from bighead.resources.online_store import GENERATIONS_KEPT, Places

_KEPT = 4_096
Plan: TypeAlias = OnlinePlan | FactPlan | DerivedPlan


class Use:
    """A use over generations of one schema; nothing in it changes with a request but the plans it has made."""

    def __init__(self, ref: FeatureRef, schema: pl.Schema) -> None:
        self.ref, self.schema = ref, schema
        self.immature = tuple(immature_before(ref).items())
        source = ref.set.source
        self.may_be_planned = isinstance(source, Events | EntitySource) and not source.retracts
        self.calendar: CalendarPlan | None = None
        if isinstance(source, CalendarSource) and not ref.derived:
            self.calendar = CalendarPlan(ref, source)
        self._keys = [(column, schema[key], key_type(schema[key])) for key, column in ref.mapping]
        self._plans: dict[str, Plan | None] = {}

    @cached_property
    def types(self) -> dict[str, pl.DataType]:
        """The type of each feature, by its column.

        Raises:
            SchemaError: the rows are not what the set computes of.
        """
        return result_types(self.ref, self.schema)

    def keys(self, rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """Return each row's key as the stored rows have it.

        Raises:
            RequestError: 400, it is of another type.
        """
        found = []
        for number, row in enumerate(rows):
            key = []
            for column, dtype, plain in self._keys:
                value = row[column]
                key.append(value if type(value) is plain else canonical(value, dtype, column, number))
            found.append(key)
        return found

    def plan(self, found: Places) -> Plan | None:
        """Return the plan over the generation that was found; None where `answers_at` must answer."""
        try:
            return self._plans[found.file]
        except KeyError:
            pass
        computed, generation = self.ref.computed, found.frame
        below = online_plan(computed, generation) or fact_plan(computed, generation)
        made = derived_plan(self.ref, below, generation.schema)
        # A new dict, so that other threads never see one that is being changed.
        kept = list(self._plans.items())[1 - GENERATIONS_KEPT :]
        self._plans = {**dict(kept), found.file: made}
        return made


class Uses:
    """The uses that were asked for, by the objects that define them."""

    def __init__(self) -> None:
        self._known: dict[int, Use] = {}

    def of(self, ref: FeatureRef, schema: pl.Schema) -> Use:
        """Return what is known of a use over rows of a schema."""
        found = self._known.get(id(ref))
        if found is None or found.ref is not ref or found.schema is not schema:
            if len(self._known) >= _KEPT:
                self._known = {}
            found = self._known[id(ref)] = Use(ref, schema)
        return found
