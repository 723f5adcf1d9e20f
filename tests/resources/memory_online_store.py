"""The oracle of the online stores."""

from __future__ import annotations

import polars as pl
from clicks import SCHEMA

from bighead.pipeline_lib.errors import DefinitionError, SchemaError
from bighead.pipeline_lib.features import CalendarSource
from bighead.resources.online_rows import microseconds, set_id
from bighead.resources.online_store import Generation, Known, OnlineRows, gap, no_generation


class MemoryOnlineStore:
    """The plainest store that keeps the contract: frames in dicts, filtered at each fetch."""

    def __init__(self):
        self.sets, self.kept, self.tail = {}, {}, {}
        self.forget_streams()

    def forget_streams(self):
        self.tail, self.streamed, self.done, self.taken = {}, {}, {}, {}

    def put_generation(self, feature_set, midnight, frame, source_versions):
        if isinstance(feature_set.source, CalendarSource):
            raise DefinitionError("a calendar.")
        if feature_set.source.stream and not feature_set.source.event_id:
            raise DefinitionError("no event_id.")
        if not set(SCHEMA) <= set(frame.columns):
            raise SchemaError("lacks a column.")
        if frame.filter(pl.col("event_time") >= midnight).height:
            raise SchemaError("not before midnight.")
        name, at = set_id(feature_set), microseconds(midnight)
        self.sets[name] = feature_set
        generations = {
            **self.kept.get(name, {}),
            at: (frame.drop_nulls(list(feature_set.keys)), dict(source_versions)),
        }
        self.kept[name] = dict(sorted(generations.items(), reverse=True)[:2])
        return Generation(at, self.kept[name][at][0].height, source_versions)

    def definitions(self):
        return dict(self.sets)

    def generations(self, feature_set):
        return [
            Generation(at, frame.height, said)
            for at, (frame, said) in self.kept.get(set_id(feature_set), {}).items()
        ]

    def schema(self, feature_set):
        for frame, _ in self.kept.get(set_id(feature_set), {}).values():
            return frame.schema
        raise no_generation(feature_set, 0, [])

    def fetch(self, feature_set, keys, at):
        name = set_id(feature_set)
        kept = self.kept.get(name, {})
        chosen = next((midnight for midnight in kept if midnight <= at), None)
        if chosen is None:
            raise no_generation(feature_set, at, list(kept))
        frame = kept[chosen][0]
        wanted = [tuple(key) for key in keys]
        mine = frame.filter(
            pl.Series([row[: len(feature_set.keys)] in wanted for row in frame.iter_rows()], dtype=pl.Boolean)
        )
        ids = set(mine["event_id"])
        tail = [
            row
            for row in self.tail.get(name, [])
            if row[: len(feature_set.keys)] in wanted
            and microseconds(row[frame.columns.index("event_time")]) <= at
            and (
                microseconds(row[frame.columns.index("event_time")]) >= chosen
                or row[frame.columns.index("event_id")] not in ids
            )
        ]
        merged = pl.concat([mine, pl.DataFrame(tail, schema=frame.schema, orient="row")])
        return OnlineRows(merged, chosen, self.done.get(name, 0))

    def known(self, stream, ids, digests=b""):
        found = frozenset(each for each in ids if (stream, each) in self.streamed)
        return Known(found, self.done.get(stream, 0))

    def apply(self, applied):
        for name, start in applied.starts.items():
            seen = self.done.get(name or applied.stream, 0)
            if seen < start:
                raise gap(applied.stream, name, seen, start)
        for name, (frame, positions) in applied.rows.items():
            fresh = [
                row
                for row, at in zip(frame.iter_rows(), positions, strict=True)
                if at >= self.done.get(name, 0)
            ]
            self.tail.setdefault(name, []).extend(fresh)
        self.streamed.update({(applied.stream, each): at for each, at in applied.ids.items()})
        if applied.end > self.done.get(applied.stream, 0):
            self.taken[applied.stream] = dict(applied.consumed) or self.taken.get(applied.stream, {})
        for name, end in {**applied.ends, applied.stream: applied.end}.items():
            self.done[name] = max(end, self.done.get(name, 0))

    def consumed(self, stream):
        return self.done.get(stream, 0), self.taken.get(stream, {})

    def forget_ids(self, stream, before):
        gone = [each for each, at in self.streamed.items() if each[0] == stream and at < before]
        for each in gone:
            del self.streamed[each]
        return len(gone)

    def ends(self, stream):
        return {"": self.done.get(stream, 0), **{name: self.done.get(name, 0) for name in self.sets}}

    def close(self):
        pass
