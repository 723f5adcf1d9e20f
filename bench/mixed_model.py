"""A mixed model of some entities beside statsmodels, and of a million entities for the time and memory that it takes.

`uv run python -m bench.mixed_model --json`. Rows are drawn: five an entity on average, five numbers, a normal label.
The peer builds matrices for each entity in Python; at a million it would take hours, so it is compared at fewer.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from bench.report import line, peer, require_release, version
from bighead.pipeline_lib.frameworks import MixedModelClassifier, MixedModelRegressor
from bighead.pipeline_lib.frameworks.mixed_model import MixedModel

PEER = ("mixed_model/statsmodels_mixedlm.py", ["statsmodels==0.14.6", "numpy==2.4.6"])
WEIGHTS = np.array([1.0, -1.0, 0.5, 0.0, 2.0])


def drawn(entities: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Rows [5 · entities, 1 + 5], and the margin of each."""
    random = np.random.default_rng(0)
    host = random.integers(0, entities, 5 * entities)
    x = random.normal(size=(len(host), len(WEIGHTS)))
    margin = 0.3 + x @ WEIGHTS + random.normal(size=entities)[host]
    return pl.DataFrame({"host": host, **{f"x{at}": x[:, at] for at in range(len(WEIGHTS))}}), margin


def seconds(model: MixedModel, frame: pl.DataFrame, labels: pl.Series) -> float:
    """Return how long a fit takes."""
    started = time.perf_counter()
    model.fit(frame, labels)
    return time.perf_counter() - started


def main() -> None:
    """Measure both sides and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--entities", type=int, default=1_000_000)
    parser.add_argument("--compared", type=int, default=2_000, help="entities at which the peer is run")
    given = parser.parse_args()
    require_release()
    random = np.random.default_rng(1)
    frame, margin = drawn(given.compared)
    labels = margin + random.normal(0, 0.7, len(margin))
    model = MixedModelRegressor("host", penalty=0, tol=1e-8)
    ours = seconds(model, frame, pl.Series(labels))
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.npz"
        np.savez(rows, host=frame["host"], x=frame.drop("host").to_numpy(), label=labels)
        theirs = peer(*PEER, str(rows))
    found = [*model.weights, model.bias, *model.variances, model.residual]
    same = bool(np.allclose(found, theirs["found"], rtol=1e-3, atol=1e-3))
    frame, margin = drawn(given.entities)
    extra = {
        "entities": given.entities,
        "rows": frame.height,
        "gaussian_s": round(
            seconds(
                MixedModelRegressor("host"), frame, pl.Series(margin + random.normal(0, 0.7, len(margin)))
            ),
            1,
        ),
        "binomial_s": round(
            seconds(
                MixedModelClassifier("host"), frame, pl.Series(margin + random.logistic(size=len(margin)) > 0)
            ),
            1,
        ),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }
    versions = {"bighead": version("bighead"), **theirs["versions"]}
    told = {"higher_is_better": False, "versions": versions, "equal": same, "extra": extra}
    print(line("mixed_model", f"s for {given.compared} entities", ours, {"statsmodels": theirs["s"]}, **told))


if __name__ == "__main__":
    main()
