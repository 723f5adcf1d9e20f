"""Features of keys as of an instant, read online, by the same `answers_at` that made the training set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import polars as pl

from bighead.pipeline_lib.features import CalendarSource, EventSource, FeatureRef, FeatureSet
from bighead.pipeline_lib.features.source import Events
from bighead.pipeline_lib.point_in_time import Answers, answers_at
from bighead.pipeline_lib.point_in_time.key_digest import digests_of
from bighead.resources.online_rows import EPOCH, MICROSECOND, set_id
from bighead.resources.online_store import KnowsPlaces, OnlineRows, OnlineStore, Places
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.fetched import Fetched
from bighead.serving.feature_fetchers.uses import Use, Uses

AT = "__asked_at"
TAIL_BUFFER = 2 * 24 * 60 * 60 * 1_000_000
_NO_ROWS = pl.Schema()
Row = dict[str, Any]
Read = TypeVar("Read", OnlineRows, Places)


class OnlineFetcher:
    """A FeatureFetcher over an online store.

    Args:
        store: Holds the rows.
        streams: Brings the index up to the streams' logs where it lags.
        tail_buffer: µs after a generation's midnight beyond which values of events are stale, that is null.
    """

    def __init__(self, store: OnlineStore, streams: Streams, tail_buffer: int = TAIL_BUFFER) -> None:
        self._store, self._streams, self._tail_buffer = store, streams, tail_buffer
        self._names: dict[int, tuple[FeatureSet, str]] = {}
        self._uses = Uses()
        self._finder = store if isinstance(store, KnowsPlaces) else None

    def fetch(self, refs: Sequence[FeatureRef], rows: Sequence[Row], at: int) -> Fetched:
        """Return the features of `rows` as of `at` (UTC µs).

        Raises:
            RequestError: 400, a key of a wrong type; 422, an instant that nothing is kept for.
        """
        moment = EPOCH + at * MICROSECOND
        fetched = Fetched([{} for _ in rows], [{} for _ in rows])
        for ref in refs:
            if isinstance(ref.set.source, CalendarSource):
                self._fetch_calendar(fetched, ref, at, moment)
            else:
                self._fetch_set(fetched, ref, rows, at, moment)
        return fetched

    def types(self, refs: Sequence[FeatureRef]) -> dict[str, pl.DataType]:
        """Return the type of each feature of `refs`, by its column.

        Raises:
            RequestError: 422, nothing of a set was uploaded.
        """
        found: dict[str, pl.DataType] = {}
        for ref in refs:
            is_calendar = isinstance(ref.set.source, CalendarSource)
            found |= self._uses.of(ref, _NO_ROWS if is_calendar else self._store.schema(ref.set)).types
        return found

    def _fetch_calendar(self, fetched: Fetched, ref: FeatureRef, at: int, moment: datetime) -> None:
        fetched.definitions[ref.set.name] = self._hash(ref.set)
        plan = self._uses.of(ref, _NO_ROWS).calendar
        facts = None if plan is None else plan.values(at)
        if facts is None:
            left = pl.DataFrame({AT: [moment] * len(fetched.features)}, schema={AT: pl.Datetime("us", "UTC")})
            _spread(fetched, answers_at(left, ref, pl.DataFrame(), AT), stale=False)
            return
        for features in fetched.features:
            features.update(facts)

    def _fetch_set(
        self, fetched: Fetched, ref: FeatureRef, rows: Sequence[Row], at: int, moment: datetime
    ) -> None:
        feature_set, source = ref.set, ref.set.source
        schema = self._store.schema(feature_set)
        use = self._uses.of(ref, schema)
        keys = use.keys(rows)
        planned = self._planned(fetched, use, keys, at)
        found = planned or self._tabled(fetched, use, keys, moment, at)
        fetched.immature.extend(name for name, since in use.immature if at < since)
        fetched.definitions[feature_set.name] = self._hash(feature_set)
        fetched.generations[feature_set.name] = found.midnight
        if self._is_stale(feature_set, found.midnight, at):
            fetched.late.append(feature_set.name)
        if isinstance(source, EventSource) and source.stream is not None:
            # Sets of one stream are read one after another; the earliest position is true of all of them.
            known = fetched.positions.get(source.stream, found.position)
            fetched.positions[source.stream] = min(known, found.position)

    def _planned(self, fetched: Fetched, use: Use, keys: Sequence[Sequence[Any]], at: int) -> Places | None:
        """Answer by a plan, as `answers_at` would; None where there is none."""
        finder, feature_set = self._finder, use.ref.set
        if finder is None or not use.may_be_planned:
            return None
        numbers: dict[bytes, int] = {}
        asked = [
            None if None in key else numbers.setdefault(each, len(numbers))
            for key, each in zip(keys, digests_of(keys), strict=True)
        ]
        found = self._current(feature_set, lambda: finder.places(feature_set, list(numbers), at))
        # Keys were read by the newest generation's types, which an older one need not have.
        plan = use.plan(found) if found.is_newest else None
        if plan is None:
            return None
        try:
            plan.answer(
                found.ranges,
                found.tail,
                found.tail_keys,
                asked,
                at=at,
                midnight=found.midnight,
                stale=self._is_stale(feature_set, found.midnight, at),
                features=fetched.features,
                statuses=fetched.statuses,
            )
        except ValueError:
            # What the kernel refuses, `answers_at` refuses in the words of the definition.
            return None
        return found

    def _tabled(
        self, fetched: Fetched, use: Use, keys: Sequence[Sequence[Any]], moment: datetime, at: int
    ) -> OnlineRows:
        """Answer by `answers_at` over a table of the keys' rows."""
        feature_set, whole = use.ref.set, [key for key in keys if None not in key]
        found = self._current(feature_set, lambda: self._store.fetch(feature_set, whole, at))
        answers = answers_at(_left(use.ref, keys, moment, use.schema), use.ref, found.frame, AT)
        _spread(fetched, answers, stale=self._is_stale(feature_set, found.midnight, at))
        return found

    def _current(self, feature_set: FeatureSet, read: Callable[[], Read]) -> Read:
        """Read, with the index brought up to the stream's log before."""
        source = feature_set.source
        if not isinstance(source, EventSource) or source.stream is None:
            return read()
        reached = self._streams.ensure(source.stream, set_id(feature_set))
        found = read()
        if found.position < reached:
            # Somebody emptied the index since: it is rebuilt from the log first.
            self._streams.catch_up(source.stream)
            found = read()
        return found

    def _is_stale(self, feature_set: FeatureSet, midnight: int, at: int) -> bool:
        return isinstance(feature_set.source, Events) and at - midnight > self._tail_buffer

    def _hash(self, feature_set: FeatureSet) -> str:
        known = self._names.get(id(feature_set))
        if known is None or known[0] is not feature_set:
            known = self._names[id(feature_set)] = (feature_set, feature_set.hash)
        return known[1]


def _left(
    ref: FeatureRef, keys: Sequence[Sequence[Any]], moment: datetime, schema: pl.Schema
) -> pl.DataFrame:
    columns = {
        column: pl.Series(column, [row[place] for row in keys], dtype=schema[key])
        for place, (key, column) in enumerate(ref.mapping)
    }
    times = pl.Series(AT, [moment] * len(keys), dtype=pl.Datetime("us", "UTC"))
    return pl.DataFrame([*columns.values(), times])


def _spread(fetched: Fetched, answers: Answers, stale: bool) -> None:
    """Add values and statuses to each row; all of a `stale` store's values are null."""
    names = answers.values.columns
    told = zip(answers.values.iter_rows(), answers.statuses.iter_rows(), strict=True)
    for (values, states), features, statuses in zip(told, fetched.features, fetched.statuses, strict=True):
        for name, value, status in zip(names, values, states, strict=True):
            late = stale and status != "null_key"
            if late or status != "present":
                statuses[name] = "stale" if late else status
            features[name] = None if late else value
