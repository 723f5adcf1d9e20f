"""A project's modules, imported; what goes wrong in one is told with its file and line."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from bighead.pipeline_lib.errors import BigheadError, DefinitionError, did_you_mean

_UNEXPECTED = re.compile(r"(\w+)(?:\.__init__)?\(\) got an unexpected keyword argument '(\w+)'")
_MISSING = re.compile(r"name '(\w+)' is not defined")


def modules_of(root: Path) -> Iterator[ModuleType]:
    """Import the modules of the project in a folder but `definitions.py` and tests.

    Raises:
        DefinitionError: a folder whose name no package can have or another one has, or whatever a module raises, after
            `file:line:`; an error of Bighead's own stays what it is.
    """
    if not root.name.isidentifier():
        raise DefinitionError(
            f"the folder {root.name!r} cannot name a package.", cure="Rename it, as 'my_flights'."
        )
    _import_package(root)
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        if file.name == "definitions.py" or file.name.startswith("test_") or "tests" in parts:
            continue
        if any(part.startswith(".") or part == "__pycache__" for part in parts):
            continue
        yield _imported(".".join([root.name, *(part for part in parts if part != "__init__")]), root)


def _import_package(root: Path) -> None:
    """Make `import <folder name>` mean this folder, whatever the working directory."""
    seen = sys.modules.get(root.name)
    if seen is None:
        importlib.invalidate_caches()
        if str(root.parent) not in sys.path:
            sys.path.insert(0, str(root.parent))
        seen = _imported(root.name, root)
    places = [Path(each).resolve() for each in getattr(seen, "__path__", [])]
    if root.resolve() not in places:
        raise DefinitionError(
            f"the package {root.name!r} is already imported from {[str(place) for place in places]}.",
            cure="Rename the project's folder.",
        )


def _imported(dotted: str, root: Path) -> ModuleType:
    try:
        return importlib.import_module(dotted)
    except BigheadError as error:
        place = _place(error, root)
        raise error if place is None else error.at(place) from None
    except Exception as error:
        place = _place(error, root)
        if place is None:
            raise
        told = DefinitionError(f"{type(error).__name__}: {_said(error)}.", cure=_cure(error, root))
        raise told.at(place) from error


def _place(error: Exception, root: Path) -> str | None:
    """The line of the project that was being read, as `folder/file:line`."""
    if isinstance(error, SyntaxError) and error.filename:
        return _shown(error.filename, error.lineno, root)
    lines = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [place for place in lines if Path(place[0]).is_relative_to(root)]
    return _shown(*own[-1], root) if own else None


def _shown(file: str, line: int | None, root: Path) -> str:
    path = Path(file)
    return f"{path.relative_to(root.parent) if path.is_relative_to(root) else path}:{line}"


def _said(error: Exception) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return text.rstrip(".")


def _cure(error: Exception, root: Path) -> str:
    names = _names(error, root)
    if isinstance(error, ModuleNotFoundError):
        return "Install it, or correct the import."
    if found := _UNEXPECTED.search(str(error)):
        called = names.get(found[1])
        takes = inspect.signature(called).parameters if callable(called) else {}
        return did_you_mean(found[2], list(takes))
    if found := _MISSING.search(str(error)):
        return did_you_mean(found[1], list(names))
    return "Correct this line, or what it calls."


def _names(error: Exception, root: Path) -> Mapping[str, Any]:
    """The global names where the project's own code went wrong."""
    own: Mapping[str, Any] = {}
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if Path(frame.f_code.co_filename).is_relative_to(root):
            own = frame.f_globals
    return {name: value for name, value in own.items() if not name.startswith("__")}
