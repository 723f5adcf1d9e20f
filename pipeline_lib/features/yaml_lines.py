"""YAML with the line of every entry, so that an error points at what it is about."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from bighead.pipeline_lib.errors import BigheadError, DefinitionError

Path = tuple[Hashable, ...]


@dataclass(frozen=True)
class Document:
    """A parsed YAML document: its value, and the line (from 1) of each path in it."""

    where: str
    value: Any
    lines: dict[Path, int]

    def blame(self, error: BigheadError, *path: Hashable) -> BigheadError:
        """Return `error` with `file:line:` before its message: of the entry it quotes, else of `path`."""
        above = (path[:length] for length in range(len(path), -1, -1))
        line = next((self.lines[part] for part in above if part in self.lines), 1)
        below = [entry for entry in self.lines if entry[: len(path)] == path and len(entry) > len(path)]
        named = [entry for entry in below if error.message.split()[0] == entry[-1]]
        # Nearly every message quotes the set's own name, so that says nothing of the place.
        quoted = [
            entry for entry in below if entry != ("name",) and _quotes(error.message, self._get(entry), entry)
        ]
        line = next((self.lines[entry] for entry in named + quoted), line)
        return error.at(f"{self.where}:{line}")

    def _get(self, path: Path) -> Any:
        value = self.value
        for part in path:
            value = value[part]
        return value


def _quotes(message: str, value: Any, path: Path) -> bool:
    return (isinstance(value, str) and bool(value) and repr(value) in message) or repr(path[-1]) in message


def parse(text: str, where: str) -> Document:
    """Parse one YAML document of plain values; days become ISO text.

    Raises:
        DefinitionError: it is no YAML, holds tags or anchors' objects of other kinds, or names a key twice.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise DefinitionError(
            f"{where}:{line}: this is no YAML: {problem}.", cure="Check its indentation."
        ) from error
    lines: dict[Path, int] = {}
    loader = yaml.SafeLoader("")
    try:
        value = _value(loader, node, (), lines, where) if node is not None else None
    finally:
        loader.dispose()
    return Document(where, value, lines)


def _value(loader: yaml.SafeLoader, node: yaml.Node, path: Path, lines: dict[Path, int], where: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in found:
                raise DefinitionError(f"{where}:{line}: {key!r} stands here twice.", cure="Keep one of them.")
            lines[(*path, key)] = line
            found[key] = _value(loader, value_node, (*path, key), lines, where)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, each, (*path, index), lines, where) for index, each in enumerate(node.value)]
    try:
        value = loader.construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        line = node.start_mark.line + 1
        raise DefinitionError(
            f"{where}:{line}: {node.value!r} cannot be read.", cure="Put it in quotes."
        ) from error
    return value.isoformat() if isinstance(value, date) else value
