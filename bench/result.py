"""What every benchmark prints last, and the refusal to time anything but release kernels."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version

from bighead_kernels import PROFILE


def require_release() -> None:
    """Refuse kernels that were built for debugging: they are many times slower."""
    if PROFILE != "release":
        raise SystemExit(
            f"the kernels were built in profile {PROFILE!r}; build them with `uv sync` for release"
        )


def result(
    bench: str,
    *,
    unit: str,
    ours: float,
    peers: Mapping[str, float],
    versions: Mapping[str, str],
    equal: bool,
    more_is_better: bool,
    details: Mapping[str, object] | None = None,
) -> str:
    """Return the last line of a benchmark: a ratio above 1 says that we are better than that peer."""
    ratio = {name: ours / value if more_is_better else value / ours for name, value in peers.items()}
    line = {
        "bench": bench,
        "unit": unit,
        "ours": round(ours, 4),
        "peers": {name: round(value, 4) for name, value in peers.items()},
        "ratio": {name: round(value, 2) for name, value in ratio.items()},
        "versions": {
            "python": platform.python_version(),
            "bighead-kernels": version("bighead-kernels"),
            **versions,
        },
        "equal": equal,
    }
    return json.dumps(line | dict(details or {}))
