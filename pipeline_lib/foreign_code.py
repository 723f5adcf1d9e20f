"""Code that is not Bighead's: which modules this process lets an artifact import.

An artifact that holds somebody's own step names the module with the step's class. Importing a module runs it, so a
process that loads artifacts says beforehand which modules it trusts; nothing is trusted by default.
"""

from __future__ import annotations

import importlib
import re
from types import ModuleType

from bighead.pipeline_lib.errors import ArtifactError, DefinitionError, UnsupportedStepError

_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_PROGRAM = re.compile(r"program:[0-9a-f]{64}")
_allowed: set[str] = set()


def allow_code(*modules: str) -> None:
    """Let artifacts that this process loads import these modules, and the modules inside of them.

    Args:
        modules: Dotted names, as `shop.steps`, or of a whole package, as `shop`; programs go by their identity, as
            `ArrowProcess.identity` says it.

    Raises:
        DefinitionError: a name that no module has.

    >>> allow_code("shop")
    >>> is_allowed("shop.steps"), is_allowed("shopping")
    (True, False)
    """
    for module in modules:
        if not _MODULE.fullmatch(module) and not _PROGRAM.fullmatch(module):
            raise DefinitionError(f"{module!r} names no module.", cure="Give dotted names, as 'shop.steps'.")
    _allowed.update(modules)


def allowed_code() -> tuple[str, ...]:
    """Return the names that `allow_code` was given, sorted."""
    return tuple(sorted(_allowed))


def is_allowed(module: str) -> bool:
    """Return whether artifacts may import a module here."""
    return any(module == each or module.startswith(f"{each}.") for each in _allowed)


def import_allowed(module: str, holds: str) -> ModuleType:
    """Import a module that an artifact names.

    Args:
        module: Its dotted name.
        holds: What the artifact takes from it, for messages.

    Raises:
        ArtifactError: it is not allowed here, or cannot be imported.
    """
    if not _MODULE.fullmatch(module) or not is_allowed(module):
        raise ArtifactError(
            f"the bundle holds {holds} of the module {module[:200]!r}, which this process does not let it import.",
            cure=f"If you trust that code: allow_code({module[:200]!r}) before loading, or list it in "
            "BIGHEAD_STEP_MODULES.",
        )
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ArtifactError(
            f"the bundle holds {holds} of the module {module!r}, which cannot be imported: {error}.",
            cure="Install it here, in the version that trained the artifact.",
        ) from error


def check_program(identity: str, holds: str) -> None:
    """Refuse a program of an artifact that is not allowed here.

    Raises:
        ArtifactError: it is not.
    """
    if identity not in _allowed:
        raise ArtifactError(
            f"the bundle holds {holds}, which this process does not let it run.",
            cure=f"If you trust it: allow_code({identity!r}) before loading, or list it in BIGHEAD_STEP_MODULES.",
        )


def check_importable(thing: type | object, name: str, holds: str) -> str:
    """Return the module that another process would import to get `thing` by `name`.

    Raises:
        UnsupportedStepError: it stands in a script, a notebook or a function.
    """
    module = str(getattr(thing, "__module__", None))
    try:
        found = module != "__main__" and getattr(importlib.import_module(module), name, None) is thing
    except ImportError:
        found = False
    if not found:
        raise UnsupportedStepError(
            f"{holds} stands in {module}, where no other process could import it as {name!r}.",
            cure="Put it at the top level of a module that can be imported, such as your project's steps.py.",
        )
    return module
