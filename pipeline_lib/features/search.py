"""Search in a catalogue: plain words, and filters by field, as `delay owner:team:x tag:flights key:carrier`.

1. Every word and every filter must fit. A word fits a definition where it begins a part of its name, is in its
   columns, tags, owner or keys, or in what it says about itself; several words may fit in different places.
2. What fits better comes first: the whole name, a part of it, a column or tag, words of a text. Of equals, sets come
   before their features, then by name.
3. Where nothing fits, the nearest words that the catalogue knows are suggested.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.training_set import TrainingSet

FIELDS = ("name", "set", "owner", "column", "tag", "key", "kind", "table")
# How much a word counts that fits a name wholly, a part of a name, a column or tag, a text.
_WHOLE, _PART, _WORD, _TEXT = 100, 40, 20, 5
_ORDER = {"feature set": 0, "training set": 1, "feature": 2}
_PARTS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Entry:
    """What can be found: a set, a feature of one, or a training set, and the words it is found by."""

    kind: Literal["feature set", "feature", "training set"]
    name: str
    set: str
    owner: str
    doc: str
    columns: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """An entry that fits, and how well."""

    entry: Entry
    score: int


@dataclass(frozen=True)
class Found:
    """What a search found, best first; where nothing fits, what may have been meant."""

    query: str
    hits: tuple[Hit, ...]
    suggestion: str = ""


@dataclass(frozen=True)
class Query:
    """Words, and filters as (field, value), in lower case."""

    words: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read a query; quotes keep words together.

        >>> Query.parse("delay owner:team:x")
        Query(words=('delay',), filters=(('owner', 'team:x'),))

        Raises:
            UnknownNameError: a filter by a field that does not exist.
        """
        words: list[str] = []
        filters: list[tuple[str, str]] = []
        for part in _split(text.lower()):
            name, colon, value = part.partition(":")
            if not colon:
                words.append(part)
            elif name not in FIELDS:
                raise UnknownNameError("field to search by", name, FIELDS)
            elif value:
                filters.append((name, value))
        return cls(tuple(words), tuple(filters))


def search_entries(entries: Iterable[Entry], text: str, limit: int = 50) -> Found:
    """Return the entries that fit a query, best first; an empty query fits all.

    Raises:
        UnknownNameError: a filter by a field that does not exist.
    """
    query, listed = Query.parse(text), list(entries)
    hits = [Hit(each, score) for each in listed if (score := _score(each, query)) is not None]
    hits.sort(key=lambda hit: (-hit.score, _ORDER[hit.entry.kind], hit.entry.set, hit.entry.name))
    return Found(text, tuple(hits[:limit]), "" if hits else _suggestion(listed, query))


def entries_of(feature_sets: Iterable[FeatureSet], training_sets: Iterable[TrainingSet] = ()) -> list[Entry]:
    """Return what can be found of these definitions."""
    found: list[Entry] = []
    for each in feature_sets:
        said = "; ".join(f"{column}: {doc}" for column, doc in each.docs.items())
        tags, keys, columns = tuple(each.tags), tuple(each.keys), each.inputs
        found.append(
            Entry(
                "feature set", each.name, each.name, each.owner, said, columns, tags, keys, each.source.tables
            )
        )
        found += [_feature(each, feature) for feature in each.features]
    for training in training_sets:
        found.append(_training(training))
    return found


def _feature(feature_set: FeatureSet, feature: Feature) -> Entry:
    return Entry(
        "feature",
        feature.name,
        feature_set.name,
        feature_set.owner,
        feature.doc,
        feature.columns,
        tuple(feature_set.tags),
        tuple(feature_set.keys),
        feature_set.source.tables,
    )


def _training(training: TrainingSet) -> Entry:
    said = f"questions of {training.left.table}, label {training.label.column}"
    columns = (*training.input_names, *training.derivations, training.label.column)
    keys, tables = training.key_columns, (training.left.table,)
    return Entry("training set", training.name, "", training.owner, said, columns, (), keys, tables)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text, posix=True)
    except ValueError:
        # A quote that nothing closes is a letter like any other.
        return text.split()


def _score(entry: Entry, query: Query) -> int | None:
    total = 0
    for name, value in query.filters:
        if not _passes(entry, name, value):
            return None
    for word in query.words:
        points = _points(entry, word)
        if not points:
            return None
        total += points
    return total


def _passes(entry: Entry, name: str, value: str) -> bool:
    if name == "owner":
        owner = entry.owner.lower()
        return value in (owner, owner.removeprefix("team:"), owner.partition("@")[0])
    return any(_like(each.lower(), value) for each in _values(entry, name))


def _like(seen: str, value: str) -> bool:
    """Return whether a value is meant, a `*` standing for anything."""
    pattern = ".*".join(re.escape(part) for part in value.split("*"))
    return re.fullmatch(pattern, seen) is not None


def _points(entry: Entry, word: str) -> int:
    name = entry.name.lower()
    if word in (name, name.removeprefix(f"{entry.set.lower()}_")):
        return _WHOLE
    parts = _PARTS.split(name)
    if word in parts:
        return _PART + _WORD // 2
    if any(part.startswith(word) for part in parts) or word in name:
        return _PART
    listed = [*entry.columns, *entry.tags, *entry.keys, *entry.tables, entry.owner]
    if any(word == each.lower() or word in _PARTS.split(each.lower()) for each in listed):
        return _WORD
    if any(word in each.lower() for each in listed):
        return _WORD // 2
    return _TEXT if word in entry.doc.lower() else 0


def _suggestion(entries: Sequence[Entry], query: Query) -> str:
    """Return the query with each thing that nothing fits replaced by the nearest that the catalogue knows."""
    words = {part for each in entries for part in _PARTS.split(each.name.lower()) if len(part) > 2}
    words |= {name.lower() for e in entries for name in (e.name, *e.columns, *e.tags, *e.keys)}
    words |= {part for e in entries for part in _PARTS.split(e.doc.lower()) if len(part) > 3}
    told, changed = [], False
    for name, value in query.filters:
        if any(_passes(each, name, value) for each in entries):
            told.append(f"{name}:{value}")
            continue
        known = sorted({v.lower() for e in entries for v in _values(e, name) if v})
        near = difflib.get_close_matches(value, known, n=1, cutoff=0.5)
        changed = changed or bool(near)
        told += [f"{name}:{near[0]}"] if near else []
    for word in query.words:
        if any(_points(each, word) for each in entries):
            told.append(word)
            continue
        near = difflib.get_close_matches(word, sorted(words), n=1, cutoff=0.6)
        changed = changed or bool(near)
        told += near
    return " ".join(told) if changed else ""


def _values(entry: Entry, name: str) -> Sequence[str]:
    """Return what a filter by a field is compared with."""
    lists: dict[str, Sequence[str]] = {
        "name": [entry.name],
        "set": [entry.set],
        "owner": [entry.owner],
        "kind": [entry.kind, entry.kind.replace(" ", "_")],
        "column": entry.columns,
        "tag": entry.tags,
        "key": entry.keys,
        "table": entry.tables,
    }
    return lists[name]
