"""Transforms over a million rows beside scikit-learn's: `python -m bench.primitives --json`.

A column of doubles with one value in twenty missing, a column of 1,000 categories where encoders are measured; best of
five on both sides, `transform` only, both fitted before. scikit-learn is given NumPy arrays, we a Polars frame of
the same values. `ours` is the median ratio; each transform's own stands beside. Answers must be equal within 1e-9.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn import preprocessing as sk
from sklearn.impute import SimpleImputer as SklearnImputer

from bench.report import line, require_release, version
from bench.timing import best
from bighead.pipeline_lib import transforms as ours
from bighead.pipeline_lib.pipeline.transformer import Transformer

ROWS, SEED, REPEAT = 1_000_000, 7, 5


@dataclass(frozen=True)
class Case:
    """A transform, and what answers the same."""

    step: Transformer
    reference: Any
    kind: str = "numbers"


def cases() -> dict[str, Case]:
    """Return what is measured, by name."""
    return {
        "NaNToMean": Case(ours.NaNToMean(), SklearnImputer()),
        "StandardScaler": Case(ours.StandardScaler(), sk.StandardScaler()),
        "MinMaxScaler": Case(ours.MinMaxScaler(), sk.MinMaxScaler()),
        "OrdinalEncoder": Case(ours.OrdinalEncoder(), sk.OrdinalEncoder(), "texts"),
        "OneHotLabelEncoder": Case(ours.OneHotLabelEncoder(), sk.OneHotEncoder(sparse_output=False), "few"),
    }


def columns(rows: int) -> dict[str, tuple[pl.DataFrame, np.ndarray[Any, Any]]]:
    """Return the same values as a frame and as an array, by kind."""
    random = np.random.default_rng(SEED)
    numbers = random.normal(3, 10, rows)
    numbers[random.random(rows) < 0.05] = np.nan
    texts = {
        kind: np.array([f"category {n}" for n in random.integers(0, count, rows)], dtype=object)
        for kind, count in (("texts", 1_000), ("few", 8))
    }
    frames = {kind: (pl.DataFrame({"c": each}), each[:, None]) for kind, each in texts.items()}
    return {"numbers": (pl.DataFrame({"c": numbers}).fill_nan(None), numbers[:, None]), **frames}


def measure(case: Case, frame: pl.DataFrame, array: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return both sides' milliseconds, their ratio, and whether they answer the same."""
    case.step.fit(frame, None)
    case.reference.fit(array)
    mine, theirs = case.step.transform(frame), np.asarray(case.reference.transform(array), dtype=np.float64)
    made = mine.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    equal = bool(np.allclose(made.reshape(theirs.shape), theirs, rtol=1e-9, atol=1e-9, equal_nan=True))
    works = (lambda: case.step.transform(frame)), (lambda: case.reference.transform(array))
    taken = [best(work, REPEAT) * 1e3 for work in works]
    return {
        "ms": round(taken[0], 2),
        "reference_ms": round(taken[1], 2),
        "ratio": round(taken[1] / taken[0], 2),
        "equal": equal,
    }


def main() -> None:
    """Measure every case and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    require_release()
    made = columns(given.rows)
    found = {name: measure(case, *made[case.kind]) for name, case in cases().items()}
    middle = statistics.median(each["ratio"] for each in found.values())
    same = all(each["equal"] for each in found.values())
    versions = {name: version(name) for name in ("bighead", "scikit-learn", "numpy")}
    extra = {"each": found}
    print(
        line("primitives", "×", middle, {}, higher_is_better=True, versions=versions, equal=same, extra=extra)
    )


if __name__ == "__main__":
    main()
