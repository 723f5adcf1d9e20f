"""One row in JSON over HTTP, one worker: `python -m bench.serving --json`.

Ours is the real serving tier: artifact loaded through the registry, signature checked, every inference logged. The
peer is the same scikit-learn pipeline in FastAPI, tuned: uvloop, httptools, msgspec, no access log, no checks, its
fastest way of taking a row, and of event loop and thread pool the faster. Both run at the same time and are asked in
turns, so that both see the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench import serving_peer
from bench.load import Load, drive
from bench.report import line, require_release, version
from bench.serving_data import table, write
from bench.serving_ours import MODEL, promote_model
from bench.waiting import free_port, wait_for

TRAINING, QUESTIONS = 20_000, 200
Row = dict[str, Any]


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends."""
    server = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        yield server
    finally:
        server.terminate()
        server.wait(30)


def ask(url: str, row: Row) -> float:
    """Return the probability that a server answers for one row."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps({"rows": [row]}).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return float(json.load(answer)["predictions"][0]["probability"])


def start(stack: ExitStack, folder: Path, way: str) -> dict[str, str]:
    """Start all servers and return their URLs."""
    home, ports = folder / "home", [free_port() for _ in range(3)]
    ours = [sys.executable, "-m", "bighead.serving.run"]
    stack.enter_context(running(ours, BIGHEAD_HOME=str(home), BIGHEAD_PORT=str(ports[0])))
    for port, more in ((ports[1], []), (ports[2], ["--threads"])):
        peer = serving_peer.command("serve", str(folder), "--way", way, "--port", str(port), *more)
        stack.enter_context(running(peer))
    urls = {"ours": f"http://127.0.0.1:{ports[0]}/v1/models/{MODEL}/predict"}
    return urls | {
        "fastapi_loop": f"http://127.0.0.1:{ports[1]}/predict",
        "fastapi_threads": f"http://127.0.0.1:{ports[2]}/predict",
    }


def measure(urls: dict[str, str], rows: list[Row], asked: argparse.Namespace) -> dict[str, list[Load]]:
    """Ask every server in turns, one warming round first."""
    found: dict[str, list[Load]] = {name: [] for name in urls}
    for turn in range(asked.turns + 1):
        for name, url in urls.items():
            seconds = asked.seconds if turn else 1.0
            seen = drive(url, rows, connections=asked.connections, seconds=seconds)
            if turn:
                found[name].append(seen)
    return found


def summary(found: dict[str, list[Load]], same: bool, versions: dict[str, str]) -> str:
    """Return the last line: medians over the turns, of the peer's two forms the faster."""
    rate = {name: statistics.median(seen.per_second for seen in seens) for name, seens in found.items()}
    peer = max(rate["fastapi_loop"], rate["fastapi_threads"])
    failed = {name: sum(seen.failed for seen in seens) for name, seens in found.items()}
    p99 = {name: round(statistics.median(seen.p99_ms for seen in seens), 2) for name, seens in found.items()}
    return line(
        "serving",
        "requests/s",
        rate["ours"],
        {"fastapi_sklearn": peer},
        higher_is_better=True,
        versions=versions,
        equal=same,
        extra={
            "rates": {name: round(value, 1) for name, value in rate.items()},
            "p99_ms": p99,
            "failed": failed,
        },
    )


def main() -> None:
    """Start both sides, compare answers, measure in turns, print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the last line (the default)")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--connections", type=int, default=4)
    asked = parser.parse_args()
    require_release()
    training, rows = table(TRAINING), table(QUESTIONS, seed=1).drop("label").to_dicts()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        write(folder, training, rows)
        peer = serving_peer.timed(folder)
        promote_model(folder / "home", training)
        way = min(("frame", "array"), key=lambda way: peer["us"][way])
        urls = start(stack, folder, way)
        wait_for(urls.values(), rows[0], ask)
        answers = {name: [ask(url, row) for row in rows] for name, url in urls.items()}
        found = measure(urls, rows, asked)
    same = all(serving_peer.equal(answers["ours"], other) for other in answers.values())
    same = same and not any(seen.failed for seens in found.values() for seen in seens)
    versions = {"bighead-kernels": version("bighead-kernels"), "bighead": version("bighead")}
    print(summary(found, same, versions | peer["versions"] | {"way": way}))


if __name__ == "__main__":
    main()
