# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "fastapi", "uvicorn", "uvloop", "httptools", "msgspec", "scikit-learn>=1.7,<2", "xgboost-cpu==3.2.0",
#   "pandas", "pyarrow", "numpy",
# ]
# ///
"""The peer of the serving benchmarks, in its own environment: `uv run --script peer.py time|serve FOLDER`."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from importlib.metadata import version
from pathlib import Path

from app import serve
from pipeline import Row, ways

PACKAGES = ["fastapi", "uvicorn", "scikit-learn", "xgboost-cpu", "pandas"]


def timed(folder: Path, rows: list[Row]) -> dict[str, object]:
    """Time each way of asking about one row, in µs, and give the answers."""
    answers = ways(folder)
    medians = {}
    for name, answer in answers.items():
        for row in rows[:20]:
            answer(row)
        seen = []
        for row in rows:
            begun = time.perf_counter()
            answer(row)
            seen.append(time.perf_counter() - begun)
        medians[name] = statistics.median(seen) * 1e6
    best = min(medians, key=lambda name: medians[name])
    probabilities = [answers[best](row) for row in rows]
    return {"us": medians, "best": best, "probabilities": probabilities, "versions": versions()}


def versions() -> dict[str, str]:
    """Return what runs here."""
    return {name: version(name) for name in PACKAGES}


def main() -> None:
    """Time the ways of answering, or serve one of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("job", choices=["time", "serve"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--way", default="array")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--threads", action="store_true")
    asked = parser.parse_args()
    if asked.job == "time":
        rows = json.loads((asked.folder / "rows.json").read_text())
        print(json.dumps(timed(asked.folder, rows)))
    else:
        serve(ways(asked.folder)[asked.way], asked.port, threads=asked.threads)


if __name__ == "__main__":
    main()
