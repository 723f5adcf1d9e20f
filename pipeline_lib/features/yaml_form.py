"""Feature sets as YAML, in the Bighead paper's form: operation, windows and `features: {name: doc}`.

    name: bookings
    owner: team:homes
    keys: [listing]
    event_time: ts
    source:
      type: hive
      query: >-
        SELECT listing, ts, nights FROM stays
        WHERE ds BETWEEN '{{ start_date }}' AND '{{ end_date }}'
      dependencies: [stays]
      start_date: 2010-01-01
    operation: sum
    windows: [7d, 14d, 30d]
    features:
      nights: Total number of nights booked

`operation` may be a list, and `table` stands in for `query`; `kind: entity`, `kind: calendar` or `kind: chained`
(with `left` and `features`) in the source makes it one of these. Sets whose columns differ in operation or window list
`aggregations` and `docs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from bighead.pipeline_lib.errors import BigheadError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.features.aggregation import Aggregation
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.naming import check_name
from bighead.pipeline_lib.features.source import (
    CalendarSource,
    ChainedSource,
    EntitySource,
    Events,
    EventSource,
    Source,
)
from bighead.pipeline_lib.features.yaml_lines import Document, parse

_SOURCES: dict[str, type[Source]] = {
    "events": EventSource,
    "chained": ChainedSource,
    "entity": EntitySource,
    "calendar": CalendarSource,
}
_TOP = (
    *("name", "owner", "keys", "event_time", "source", "operation", "windows", "features", "aggregations"),
    *(
        "columns",
        "docs",
        "boundary",
        "batch",
        "tags",
        "version",
        "max_age",
        "on_stale",
        "checks",
        "derivations",
        *("readers", "writers", "units", "pii", "types"),
    ),
)


class _Dumper(yaml.SafeDumper):
    """Safe YAML in which every string reads back as it was."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # YAML takes these for line breaks and folds them, unless they are escaped.
    breaks = any(mark in text for mark in "\r\x85\u2028\u2029")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if breaks else None)


_Dumper.add_representer(str, _text)


def to_yaml(feature_set: FeatureSet) -> str:
    """Return the set as YAML that `from_yaml` reads back to an equal set."""
    from bighead.pipeline_lib.features.plain import to_plain

    plain = to_plain(feature_set)
    source = plain.pop("source")
    kind = next(name for name, cls in _SOURCES.items() if isinstance(feature_set.source, cls))
    del source["kind"]
    if isinstance(feature_set.source, ChainedSource) and isinstance(feature_set.source.left, EventSource):
        del source["left"]["kind"]
    top = {name: plain[name] for name in ("name", "owner", "keys")}
    top["source"] = source if kind == "events" else {"kind": kind, **source}
    rest = {
        name: value
        for name, value in plain.items()
        if name not in (*top, "kind", "aggregations", "docs", "columns")
    }
    docs = dict(feature_set.docs)
    body = _paper_body(feature_set)
    # The paper's form has no place to say what is not a column.
    if body is None or not set(docs) <= set(feature_set.source_inputs):
        listed = [{k: v for k, v in each.items() if k != "kind"} for each in plain.get("aggregations", [])]
        made = {"aggregations": listed} if listed else {"columns": list(feature_set.columns)}
        body = {**made, **({"docs": docs} if docs else {})}
    else:
        body["features"] = {column: docs.get(column) for column in feature_set.source_inputs}
    return yaml.dump({**top, **body, **rest}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _paper_body(feature_set: FeatureSet) -> dict[str, Any] | None:
    """The paper's operation and windows, where every column has the same ones in the same order."""
    if not feature_set.aggregations:
        return {}
    if not all(a.is_short for a in feature_set.aggregations):
        return None
    operations = list(dict.fromkeys(a.short_operation for a in feature_set.aggregations))
    windows = [w.text for w in feature_set.aggregations[0].windows]
    if tuple(_product(feature_set.source_inputs, operations, windows)) != tuple(feature_set.aggregations):
        return None
    return {"operation": operations[0] if len(operations) == 1 else operations, "windows": windows}


def _product(columns: Any, operations: list[Any], windows: list[Any]) -> list[Aggregation]:
    return [Aggregation(column, operation, windows) for column in columns for operation in operations]


def from_yaml(text: str, where: str = "<yaml>") -> FeatureSet:
    """Read a feature set from YAML; `where` names the file in errors.

    Raises:
        DefinitionError: begins with `file:line:` of the entry that is wrong.
    """
    document = parse(text, where)
    if not isinstance(document.value, dict):
        raise document.blame(DefinitionError("a feature set is a mapping.", cure="Start with 'name: …'."))
    top = dict(document.value)
    _check_fields(document, top, _TOP, "field of a feature set")
    for name in ("name", "owner", "source"):
        if name not in top:
            raise document.blame(DefinitionError(f"{name!r} is missing.", cure=f"Add a line '{name}: …'."))
    try:
        check_name("feature set", top["name"])
    except BigheadError as error:
        raise document.blame(error, "name") from error
    source = _source(document, top)
    columns, aggregations, docs = _body(document, top, source)
    optional = (
        *("boundary", "batch", "tags", "version", "max_age", "on_stale", "derivations"),
        *("readers", "writers", "units", "pii"),
    )
    rest = {name: top[name] for name in optional if name in top}
    checks, types = _checks(document, top.get("checks", [])), _types(document, top.get("types", {}))
    try:
        return FeatureSet(
            name=top["name"],
            owner=str(top["owner"]),
            keys=top.get("keys", []),
            source=source,
            aggregations=aggregations,
            columns=columns,
            docs=docs,
            checks=checks,
            types=types,
            **rest,
        )
    except BigheadError as error:
        raise document.blame(error) from error


def _check_fields(document: Document, seen: Any, known: tuple[str, ...], kind: str, *path: Any) -> None:
    for name in seen:
        if name not in known:
            raise document.blame(UnknownNameError(kind, name, known), *path, name)


def _source(document: Document, top: Mapping[str, Any]) -> Source:
    from bighead.pipeline_lib.features.plain import build, from_plain

    given = top["source"]
    try:
        if not isinstance(given, dict):
            raise DefinitionError(
                f"source is {given!r}.", cure="Expected a mapping: {type: parquet, table: …}."
            )
        arguments = {name: value for name, value in given.items() if name != "kind"}
        kind = given.get("kind", "events")
        if kind not in _SOURCES:
            raise UnknownNameError("kind of source", str(kind), _SOURCES)
        if "event_time" in top:
            if "event_time" in arguments:
                raise DefinitionError("'event_time' stands in the source, too.", cure="Keep one of them.")
            arguments["event_time"] = top["event_time"]
        plain = {"kind": _SOURCES[kind].__name__, **arguments}
        source = from_plain(plain) if kind == "chained" else build(_SOURCES[kind], arguments)
    except BigheadError as error:
        raise document.blame(error, "source") from error
    assert isinstance(source, Source)
    return source


def _body(
    document: Document, top: Mapping[str, Any], source: Source
) -> tuple[list[str], list[Aggregation], Any]:
    """Columns, aggregations and docs, from the paper's form or the listed one."""
    paper = [name for name in ("operation", "windows", "features") if name in top]
    listed = [name for name in ("aggregations", "columns", "docs") if name in top]
    if paper and listed:
        cure = "Use operation, windows and features, or aggregations and docs."
        raise document.blame(
            DefinitionError(f"{paper[0]!r} and {listed[0]!r} do not go together.", cure=cure), listed[0]
        )
    if listed or not paper:
        return (
            top.get("columns", []),
            _aggregations(document, top.get("aggregations", [])),
            top.get("docs", {}),
        )
    features = top.get("features") or {}
    if not isinstance(features, dict):
        cure = "Expected {column: what it means}."
        raise document.blame(DefinitionError(f"features is {features!r}.", cure=cure), "features")
    docs = {column: str(doc) for column, doc in features.items() if doc is not None}
    if not isinstance(source, Events):
        return list(features), [], docs
    return [], _paper_aggregations(document, top, list(features)), docs


def _checks(document: Document, listed: Any) -> list[Any]:
    from bighead.pipeline_lib.features.plain import from_plain

    if not isinstance(listed, list):
        cure = "Expected a list, as [{kind: NullRate, column: price, max: 0.05}]."
        raise document.blame(DefinitionError(f"checks is {listed!r}.", cure=cure), "checks")
    found = []
    for index, each in enumerate(listed):
        try:
            found.append(from_plain(each))
        except BigheadError as error:
            raise document.blame(error, "checks", index) from error
    return found


def _types(document: Document, named: Any) -> dict[str, Any]:
    from bighead.pipeline_lib.features.plain import from_plain

    if not isinstance(named, dict):
        cure = "Expected a mapping, as {embedding: {kind: Tensor, shape: [128]}}."
        raise document.blame(DefinitionError(f"types is {named!r}.", cure=cure), "types")
    found = {}
    for column, each in named.items():
        try:
            found[column] = from_plain(each)
        except BigheadError as error:
            raise document.blame(error, "types", column) from error
    return found


def _paper_aggregations(document: Document, top: Mapping[str, Any], columns: list[str]) -> list[Aggregation]:
    operation = top.get("operation")
    operations: list[Any] = operation if isinstance(operation, list) else [operation]
    windows = top.get("windows", ["unbounded"])
    try:
        if not isinstance(windows, list):
            raise DefinitionError(f"windows is {windows!r}.", cure="Expected a list, as [7d, 30d].")
        # A bare number is a number of days, as in the paper.
        return _product(columns, operations, [f"{w}d" if isinstance(w, int) else w for w in windows])
    except BigheadError as error:
        near = "operation" if isinstance(error, UnknownNameError) else "windows"
        raise document.blame(error, near) from error


def _aggregations(document: Document, listed: Any) -> list[Aggregation]:
    from bighead.pipeline_lib.features.plain import build

    if not isinstance(listed, list):
        raise document.blame(
            DefinitionError(f"aggregations is {listed!r}.", cure="Expected a list."), "aggregations"
        )
    found = []
    for index, each in enumerate(listed):
        try:
            if not isinstance(each, dict):
                raise DefinitionError(
                    f"an aggregation is {each!r}.", cure="Expected {column, operation, windows}."
                )
            found.append(build(Aggregation, each))
        except BigheadError as error:
            raise document.blame(error, "aggregations", index) from error
    return found
