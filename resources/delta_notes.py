"""Notes of a table beside it, which no reader of the table sees: its log skips what begins with an underscore."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from bighead.pipeline_lib.errors import StoreError


def write_note(table: Path, name: str, told: dict[str, Any]) -> None:
    """Put a note in the place of an older one, whole or not at all; a table that was never written has none.

    Raises:
        StoreError: it cannot be written.
    """
    if not table.is_dir():
        return
    file = _file(table, name)
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        partial.write_text(json.dumps(told, sort_keys=True), encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise StoreError(
            f"{file.name} cannot be written: {error}.", cure="Make room, and run it again."
        ) from error


def read_note(table: Path, name: str) -> dict[str, Any]:
    """Return a note; empty where there is none, or it is broken."""
    try:
        told = json.loads(_file(table, name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _file(table: Path, name: str) -> Path:
    return table / f"_bighead_{name}.json"
