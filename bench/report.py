"""What every benchmark prints last, and how each side runs: ours beside us, a peer in a throwaway environment."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PEERS = Path(__file__).parent / "peers"
DATA = Path(__file__).parent / "data"


def line(
    bench: str,
    unit: str,
    ours: float,
    peers: Mapping[str, float],
    *,
    higher_is_better: bool,
    versions: Mapping[str, str],
    equal: bool,
    extra: Mapping[str, Any] | None = None,
) -> str:
    """Return the last line: ratios are above 1 where we are better."""
    ratio = {name: ours / peer if higher_is_better else peer / ours for name, peer in peers.items()}
    found = {
        "bench": bench,
        "unit": unit,
        "ours": round(ours, 4),
        "peers": {name: round(value, 4) for name, value in peers.items()},
        "ratio": {name: round(value, 2) for name, value in ratio.items()},
        "versions": dict(versions),
        "equal": equal,
    }
    return json.dumps({**found, **(extra or {})})


def require_release() -> None:
    """Refuse to measure kernels of a debug build."""
    import bighead_kernels

    if bighead_kernels.PROFILE != "release":
        sys.exit(
            f"the kernels are a {bighead_kernels.PROFILE} build: uv sync --reinstall-package bighead-kernels"
        )


def ours(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of ours in a process of its own and return its last line."""
    return _last_line([sys.executable, "-m", module, *arguments])


def peer(script: str, requirements: Sequence[str], *arguments: str) -> dict[str, Any]:
    """Run a peer's script in a throwaway environment with these requirements and return its last line."""
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("uv is missing; the peers run in environments of their own that it makes: pip install uv")
    wanted = [part for requirement in requirements for part in ("--with", requirement)]
    command = [uv, "run", "--isolated", "--no-project", "--quiet", "--python", sys.executable, *wanted]
    return _last_line([*command, "python", str(PEERS / script), *arguments])


def version(distribution: str) -> str:
    """Return the version of a distribution installed beside us."""
    return importlib.metadata.version(distribution)


def _last_line(command: list[str]) -> dict[str, Any]:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{ended.stderr[-4000:]}")
    found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found
