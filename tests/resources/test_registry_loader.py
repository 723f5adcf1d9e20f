"""The loader that promotions use by default, on a real bundle: it lets a good one through and no other."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from bighead.pipeline_lib.artifact.input_column import InputColumn
from bighead.pipeline_lib.artifact.saving import save
from bighead.pipeline_lib.errors import PromotionError
from bighead.pipeline_lib.evaluation import evaluate
from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import NaNToMean
from bighead.resources.registry_store import RegistryStore

SPAN = (datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 2, 1, tzinfo=UTC))


@pytest.fixture
def bundle(tmp_path):
    draw = np.random.default_rng(0)
    frame = pl.DataFrame({"distance": draw.normal(size=200), "wind": draw.normal(size=200)})
    labels = (frame["distance"] + frame["wind"] > 0).cast(pl.Int64)
    pipeline = Pipeline("late")
    pipeline[["distance", "wind"]] >>= NaNToMean()
    pipeline >>= XGBClassifier(n_estimators=5, max_depth=2)
    pipeline.fit(frame, labels)
    inputs = [InputColumn("distance", "float64"), InputColumn("wind", "float64")]
    measured = evaluate(labels.to_list(), pipeline.transform(frame)["probability"].to_list())
    folder = tmp_path / "bundle"
    manifest = save(
        pipeline,
        folder,
        model="late",
        inputs=inputs,
        example_rows=frame,
        evaluation=measured,
        data_interval=SPAN,
    )
    return folder, manifest


@pytest.fixture
def store(settings, bundle):
    folder, manifest = bundle
    opened = RegistryStore(settings.registry_url)
    opened.ensure_model("late", "ana", "", {})
    opened.register(
        "late",
        content_hash=manifest.content_hash,
        location=str(folder),
        data_interval=SPAN,
        metrics=dict(manifest.metrics),
        metadata={},
        code_version="c",
        partition="p",
    )
    opened.record_check("late", 1, "any", True)
    yield opened
    opened.close()


def test_a_good_bundle_is_promoted(store):
    assert store.promote("late", 1, actor="a", timeout=60).status == "active"


def test_a_changed_bundle_is_refused_with_the_loaders_words(store, bundle):
    folder, _ = bundle
    example = folder / "example.json"
    example.write_text(example.read_text().replace("0.", "1.", 1))
    with pytest.raises(PromotionError, match="TamperedArtifactError"):
        store.promote("late", 1, actor="a", timeout=60)
    assert store.active("late") is None
    assert "TamperedArtifactError" in store.promotions("late")[0].detail


def test_a_bundle_that_is_gone_is_refused(store, bundle):
    folder, _ = bundle
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(PromotionError, match="the loader refused"):
        store.promote("late", 1, actor="a", timeout=60)
