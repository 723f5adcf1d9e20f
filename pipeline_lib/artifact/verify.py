"""The loader's check: `python -m bighead.pipeline_lib.artifact.verify FOLDER` exits 0 if a bundle can be served.

It loads, warms and answers its stored example as it did when it was saved; else the reason is printed, exit 1.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from bighead.pipeline_lib.artifact.loading import load
from bighead.pipeline_lib.errors import BigheadError

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
    if len(arguments) != 1:
        print("usage: python -m bighead.pipeline_lib.artifact.verify FOLDER")
        return 2
    try:
        verify(arguments[0])
    except (BigheadError, OSError) as error:
        print(f"{type(error).__name__}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
