"""200 k rows × 25 columns through impute + scale and one-hot: `python -m bench.batch_preprocess --json`.

15 columns of doubles with one value in ten missing, 10 of categories. Ours is a loaded artifact's `predict` of a Polars
frame and, beside it, the pipeline's `transform`; scikit-learn's ColumnTransformer is given a pandas frame of the same
values and answers a dense array. Everything is fitted before; the best of five counts. Answers must be equal.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bench.report import line, require_release, version
from bench.timing import best
from bighead.pipeline_lib import transforms as ours
from bighead.pipeline_lib.artifact import InputColumn, LoadedArtifact, load, save
from bighead.pipeline_lib.pipeline import Pipeline

ROWS, SEED, REPEAT, TOLERANCE = 200_000, 11, 5, 1e-9
NUMERIC = [f"n{at}" for at in range(15)]
CATEGORICAL = [f"c{at}" for at in range(10)]
# From a handful of categories to some dozens, as tables have them.
CARDINALITIES = [2, 3, 4, 5, 6, 8, 10, 12, 20, 30]


def table(rows: int) -> pl.DataFrame:
    """Return the columns."""
    random = np.random.default_rng(SEED)
    numbers = random.normal(3, 10, (rows, len(NUMERIC)))
    numbers[random.random(numbers.shape) < 0.1] = np.nan
    texts = {
        name: pl.Series([f"value {at}" for at in range(count)]).gather(random.integers(0, count, rows))
        for name, count in zip(CATEGORICAL, CARDINALITIES, strict=True)
    }
    return pl.DataFrame(numbers, schema=NUMERIC).fill_nan(None).with_columns(**texts)


def fitted(frame: pl.DataFrame, folder: Path) -> tuple[Pipeline, LoadedArtifact]:
    """Return our pipeline, and the same as a loaded artifact."""
    pipeline = Pipeline("bench_preprocess")
    pipeline[NUMERIC] >>= [ours.NaNToMean(), ours.StandardScaler()]
    pipeline[CATEGORICAL] >>= ours.OneHotLabelEncoder()
    pipeline.fit(frame)
    inputs = [InputColumn(each.name, each.dtype, True) for each in pipeline.graph.inputs]
    save(pipeline, folder, model="bench", inputs=inputs, example_rows=frame.head(100))
    return pipeline, load(folder)


def reference(frame: Any) -> ColumnTransformer:
    """Return scikit-learn's columns, fitted."""
    numeric = make_pipeline(SimpleImputer(), StandardScaler())
    categorical = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("numeric", numeric, NUMERIC), ("categorical", categorical, CATEGORICAL)])
    return columns.fit(frame)


def main() -> None:
    """Measure both sides and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    require_release()
    frame = table(given.rows)
    pandas = frame.to_pandas()
    columns = reference(pandas)
    with tempfile.TemporaryDirectory() as folder:
        pipeline, artifact = fitted(frame, Path(folder) / "bundle")
        made, theirs = artifact.predict(frame), columns.transform(pandas)
        same = bool(np.allclose(made.to_numpy(), theirs, rtol=TOLERANCE, atol=TOLERANCE))
        del made, theirs
        seconds = best(lambda: artifact.predict(frame), REPEAT)
        extra = {
            "transform": round(best(lambda: pipeline.answer(frame), REPEAT), 4),
            "target": {"ratio": 5.0},
        }
        peers = {"sklearn": best(lambda: columns.transform(pandas), REPEAT)}
    versions = {name: version(name) for name in ("bighead-kernels", "scikit-learn", "numpy", "polars")}
    told = {"higher_is_better": False, "versions": versions, "equal": same, "extra": extra}
    print(line("batch_preprocess", "s", seconds, peers, **told))


if __name__ == "__main__":
    main()
