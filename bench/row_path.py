"""One row through impute + scale + one-hot + 100 trees, in the process: `python -m bench.row_path --json`."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from bighead_kernels import Plan

from bench import serving_peer
from bench.report import line, require_release, version
from bench.serving_data import table, write
from bench.serving_model import fitted
from bighead.pipeline_lib.pipeline.lowering import lower, to_json

TRAINING, QUESTIONS, ROUNDS = 20_000, 300, 20


def main() -> None:
    """Measure both sides and print one line."""
    argparse.ArgumentParser(description=__doc__).add_argument("--json", action="store_true")
    require_release()
    training = table(TRAINING)
    rows = table(QUESTIONS, seed=1).drop("label").to_dicts()
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), training, rows)
        peer = serving_peer.timed(Path(folder))
    plan = Plan.from_spec(to_json(lower(fitted(training).graph)))
    seen = []
    for _ in range(ROUNDS):
        for row in rows:
            begun = time.perf_counter()
            plan.predict_row(row)
            seen.append(time.perf_counter() - begun)
    ours = statistics.median(seen) * 1e6
    answers = [plan.predict_row(row)[0] for row in rows]
    bundled = min(peer["us"]["frame"], peer["us"]["array"])
    peers = {"sklearn": bundled, "sklearn_taken_apart": peer["us"]["array_and_booster"]}
    same = serving_peer.equal(answers, peer["probabilities"])
    versions = {"bighead-kernels": version("bighead-kernels"), **peer["versions"]}
    print(line("row_path", "µs/row", ours, peers, higher_is_better=False, versions=versions, equal=same))


if __name__ == "__main__":
    main()
