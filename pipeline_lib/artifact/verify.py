"""The loader's check: `python -m bighead.pipeline_lib.artifact.verify FOLDER` exits 0 if a bundle can be served.

It loads, warms and answers its stored example as it did when it was saved; else the reason is printed, exit 1. Names of
modules behind the folder are those that the bundle may import (`allow_code`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from bighead.pipeline_lib.artifact.loading import load
from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.foreign_code import allow_code

WARMING = 20


def verify(folder: str | Path) -> None:
    """Load, warm and reproduce.

    Raises:
        ArtifactError: the bundle cannot be trusted, or answers otherwise than when it was saved.
    """
    loaded = load(folder)
    for _ in range(WARMING):
        loaded.predict_rows(loaded.example["rows"][:1])
    loaded.reproduce()


def main(arguments: Sequence[str]) -> int:
    """Verify one folder; return the exit status."""
    if not arguments:
        print("usage: python -m bighead.pipeline_lib.artifact.verify FOLDER [MODULE ...]")
        return 2
    try:
        allow_code(*arguments[1:])
        verify(arguments[0])
    except (BigheadError, OSError) as error:
        print(f"{type(error).__name__}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
