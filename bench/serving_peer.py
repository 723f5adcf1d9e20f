"""Runs the peer of the serving benchmarks in its own environment, by its own lock."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report import PEERS

SCRIPT = PEERS / "serving" / "peer.py"
# Within this of each other, answers are equal: both sides scale in doubles that may differ in the last place.
TOLERANCE = 1e-5


def command(*arguments: str) -> list[str]:
    """Return the command that runs the peer; uv makes its environment."""
    # `uv run` tells its children where it is; it need not be on the path.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        sys.exit("uv is missing; the peer runs in an environment of its own that it makes: pip install uv")
    return [uv, "run", "--quiet", "--locked", "--script", str(SCRIPT), *arguments]


def timed(folder: Path) -> dict[str, Any]:
    """Return the peer's µs per row by way of asking, its answers and its versions."""
    ended = subprocess.run(command("time", str(folder)), capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        sys.exit(f"the peer failed:\n{ended.stderr[-4000:]}")
    found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found


def equal(ours: Sequence[float], theirs: Sequence[float]) -> bool:
    """Say whether both sides answer the same."""
    pairs = zip(ours, theirs, strict=True)
    return all(abs(mine - other) <= TOLERANCE for mine, other in pairs)
