"""Imports a framework once a step of it works; one that is not installed is named with its extra."""

from __future__ import annotations

import importlib
from typing import Any

from bighead.pipeline_lib.errors import MissingExtraError


def import_extra(module: str, what: str, extra: str) -> Any:
    """Return a module of a framework.

    >>> import_extra("json", "JSON", "json").dumps([1])
    '[1]'

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(what, extra) from error
