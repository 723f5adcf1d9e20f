"""A bundle answers what the pipeline answered, wherever it is loaded; equal training gives an equal hash."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from bundles import CASES, FRAME, LABELS, ROW, SPAN, columns_of, saved
from hypothesis import given, settings
from hypothesis import strategies as st
from listings import forest
from sklearn.neighbors import KNeighborsClassifier

from bighead.pipeline_lib.artifact import InputColumn, load
from bighead.pipeline_lib.errors import ArtifactError, SchemaError, UnsupportedStepError
from bighead.pipeline_lib.evaluation import evaluate, importance
from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.pipeline import Pipeline, Transformer
from bighead.pipeline_lib.pipeline.parity import fuzzed, largest_difference
from bighead.pipeline_lib.transforms import HashEncoder, NaNToMean, OneHotLabelEncoder


@pytest.mark.parametrize("name", CASES)
def test_a_loaded_bundle_answers_as_the_pipeline_did(name, tmp_path):
    pipeline, labels = CASES[name]
    pipeline.fit(FRAME, labels)
    manifest = saved(pipeline, tmp_path / "bundle")
    loaded = load(tmp_path / "bundle")
    assert loaded.manifest == manifest
    assert (loaded.plan is None) == (name == "python")
    rows = pl.concat([pipeline_rows(pipeline), fuzzed(pipeline_rows(pipeline), pipeline.graph.inputs, {})])
    expected = pipeline.answer(rows)
    assert largest_difference(expected, loaded.predict(rows))[1] is None
    assert largest_difference(expected, loaded.pipeline.answer(rows)) == (0.0, None)
    by_row = pl.DataFrame(loaded.predict_rows(rows.to_dicts()), schema=expected.columns)
    assert largest_difference(expected, by_row)[1] is None
    loaded.reproduce()


def pipeline_rows(pipeline: Pipeline) -> pl.DataFrame:
    return FRAME.head(60).select(pipeline.input_columns)


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_saving_and_loading_any_pipeline_changes_nothing(data, tmp_path_factory):
    p = Pipeline("drawn")
    kinds = {
        "price": [NaNToMean(empty=0.0)],
        "room": [OneHotLabelEncoder(missing=data.draw(st.sampled_from(["zeros", "category"])))],
        "city": [
            HashEncoder(buckets=data.draw(st.integers(1, 2**53)), seed=data.draw(st.integers(0, 2**64 - 1)))
        ],
        "nights": [],
    }
    for column in data.draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=4, unique=True)):
        p[column] >>= kinds[column]
    with_model = data.draw(st.booleans())
    if with_model:
        p >>= XGBClassifier(n_estimators=data.draw(st.integers(1, 5)), max_depth=2, n_jobs=1)
    p.fit(FRAME, LABELS if with_model else None)
    folder = tmp_path_factory.mktemp("drawn") / "bundle"
    first = saved(p, folder)
    loaded = load(folder)
    assert loaded.pipeline.transform(FRAME).equals(p.transform(FRAME))
    assert loaded.pipeline.describe() == p.describe()
    # What was loaded can be saved again, and is the same.
    assert saved(loaded.pipeline, folder.parent / "again").content_hash == first.content_hash


def test_equal_training_gives_an_equal_hash_and_other_training_another(tmp_path):
    first = saved(forest().fit(FRAME, LABELS), tmp_path / "1", provenance={"run": 1}, data_interval=SPAN)
    second = saved(forest().fit(FRAME, LABELS), tmp_path / "2", provenance={"run": 2})
    assert first.content_hash == second.content_hash
    others = [
        saved(forest(seed=1).fit(FRAME, LABELS), tmp_path / "seed"),
        saved(forest().fit(FRAME[:-1], LABELS[:-1]), tmp_path / "rows"),
        saved(forest().fit(FRAME, LABELS), tmp_path / "keys", key_columns=["city"]),
        saved(forest().fit(FRAME, LABELS), tmp_path / "sets", feature_sets_json='[{"kind": "FeatureSet"}]'),
    ]
    assert len({first.content_hash, *(each.content_hash for each in others)}) == 5


LOADING = """
import sys, json
sys.modules["sklearn"] = None  # a serving image has neither scikit-learn nor XGBoost
sys.modules["xgboost"] = None
from bighead.pipeline_lib.artifact import load
loaded = load(sys.argv[1])
loaded.reproduce()
print(json.dumps(loaded.predict_rows([json.loads(sys.argv[2])])))
"""


def test_a_fresh_process_without_project_scikit_learn_and_xgboost_answers_the_same(tmp_path):
    pipeline = forest().fit(FRAME, LABELS)
    saved(pipeline, tmp_path / "bundle")
    command = [sys.executable, "-I", "-c", LOADING, str(tmp_path / "bundle"), json.dumps(ROW)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout) == pipeline.transform([ROW])


def test_the_manifest_tells_schema_provenance_and_proof(tmp_path):
    pipeline = forest().fit(FRAME, LABELS)
    inputs = columns_of(pipeline, city="key", price="feature:prices")
    ref = {"kind": "FeatureRef", "set": {"kind": "FeatureSet", "name": "prices"}}
    evaluation = evaluate(LABELS, pipeline.transform(FRAME)["probability"])
    saved(
        pipeline,
        tmp_path / "bundle",
        inputs=inputs[::-1],
        feature_sets_json=json.dumps([ref, json.dumps(ref)]),
        key_columns=["city"],
        provenance={"git": "4f1c2d9", "data_interval": SPAN},
        evaluation=evaluation,
        importance=importance(pipeline, FRAME, LABELS),
    )
    manifest = load(tmp_path / "bundle").manifest
    assert manifest.inputs == tuple(inputs)
    assert manifest.data_interval == SPAN
    assert manifest.provenance["git"] == "4f1c2d9"
    assert manifest.metrics["roc_auc"] == evaluation.roc_auc
    assert manifest.plan.lowered
    assert manifest.plan.parity_rows > 200
    plain = json.loads((tmp_path / "bundle" / "manifest.json").read_text())
    assert plain["feature_sets"] == [ref["set"]]
    assert plain["inputs"][0] == {
        "name": "price",
        "dtype": "float64",
        "nullable": True,
        "origin": "feature:prices",
    }
    stored = json.loads((tmp_path / "bundle" / "evaluation.json").read_text())
    assert {"roc", "pr", "calibration", "importance", "roc_auc"} <= set(stored)
    example = json.loads((tmp_path / "bundle" / "example.json").read_text())
    assert len(example["rows"]) == len(example["answers"]) == 20
    assert (tmp_path / "bundle" / "pipeline.svg").read_text().startswith("<svg")


def test_nothing_in_a_bundle_is_pickle(tmp_path):
    saved(forest().fit(FRAME, LABELS), tmp_path / "bundle")
    kinds = {file.suffix for file in (tmp_path / "bundle").rglob("*") if file.is_file()}
    assert kinds == {".json", ".arrow", ".ubj", ".svg"}


def distance(one, other):
    return float(np.abs(one - other).max())


class Own(Transformer):
    def transform(self, frame):
        return frame

    def state(self):
        return {}


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (
            KNeighborsClassifier(metric=distance),
            r"step 1: KNeighborsClassifier.metric is the function .*distance, which cannot be stored without",
        ),
        (Own(), r"step 1: Own is code of its own.*NaNToMean"),
    ],
    ids=["estimator", "own"],
)
def test_a_step_that_needs_pickle_is_refused_with_the_cure(step, why, tmp_path):
    p = Pipeline("odd")
    p["price"] >>= NaNToMean()
    p >>= step
    with pytest.raises(UnsupportedStepError, match=why):
        saved(p.fit(FRAME, LABELS), tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_answers_otherwise_is_not_used_and_the_reason_is_kept(tmp_path, monkeypatch):
    def wrong(self, inputs, outputs):
        return [{"op": "fill", "input": inputs[0], "output": outputs[0], "value": 0.5}]

    monkeypatch.setattr(NaNToMean, "lower", wrong)
    p = Pipeline("wrong")
    p["price"] >>= NaNToMean()
    manifest = saved(p.fit(FRAME), tmp_path / "bundle")
    assert not manifest.plan.lowered
    assert "'price' is" in manifest.plan.reason
    loaded = load(tmp_path / "bundle")
    assert loaded.plan is None
    loaded.reproduce()


def test_what_is_declared_must_be_what_was_fitted(tmp_path):
    pipeline = forest().fit(FRAME, LABELS)
    declared = columns_of(pipeline)
    with pytest.raises(SchemaError, match=r"lack \['city'\]"):
        saved(pipeline, tmp_path / "1", inputs=declared[:-1])
    with pytest.raises(SchemaError, match="'price' is string, fitted as float64"):
        saved(pipeline, tmp_path / "2", inputs=[InputColumn("price", "string"), *declared[1:]])
    with pytest.raises(ArtifactError, match="no example rows"):
        saved(pipeline, tmp_path / "3", example_rows=FRAME.head(0))
    with pytest.raises(ArtifactError, match="cannot be JSON"):
        saved(pipeline, tmp_path / "4", provenance={"odd": object()})
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_never_overwritten(tmp_path):
    pipeline = forest(1).fit(FRAME, LABELS)
    saved(pipeline, tmp_path / "bundle")
    with pytest.raises(ArtifactError, match="holds something already"):
        saved(pipeline, tmp_path / "bundle")


def test_a_model_of_many_rows_answers_a_table_quickly_enough_to_be_native(tmp_path):
    pipeline = forest(5).fit(FRAME, LABELS)
    saved(pipeline, tmp_path / "bundle")
    many = pl.concat([FRAME] * 100)
    answers = load(tmp_path / "bundle").predict(many)["probability"].to_numpy()
    assert np.array_equal(answers, np.tile(answers[: FRAME.height], 100))
