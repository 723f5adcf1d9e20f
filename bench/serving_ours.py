"""Puts the benchmark's model into a home, as training and promotion would: bundle, registry, active."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from bench.serving_model import fitted
from bighead.pipeline_lib.artifact import InputColumn, save
from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings

MODEL = "bench_serving"
INTERVAL = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))


def promote_model(home: Path, training: pl.DataFrame) -> None:
    """Fit, save, register and promote, so that a gateway over `home` serves it."""
    settings = Settings(home=home)
    settings.root.mkdir(parents=True)
    pipeline = fitted(training)
    inputs = [InputColumn(each.name, each.dtype) for each in pipeline.graph.inputs]
    folder = settings.artifacts / MODEL
    examples = training.drop("label").head(200)
    manifest = save(
        pipeline, folder, model=MODEL, inputs=inputs, example_rows=examples, data_interval=INTERVAL
    )
    if not manifest.plan.lowered:
        raise SystemExit(f"the benchmark's pipeline has no native plan: {manifest.plan}")
    registry = RegistryStore(settings.registry_url)
    registry.ensure_model(MODEL, "bench", "bench", {})
    artifact = registry.register(
        MODEL,
        content_hash=manifest.content_hash,
        location=str(folder),
        data_interval=INTERVAL,
        metrics={},
        metadata={},
        code_version="bench",
        partition="bench",
    )
    registry.record_check(MODEL, artifact.number, "has_a_native_plan", manifest.plan.lowered)
    registry.release(MODEL, artifact.number)
    registry.promote(MODEL, artifact.number, actor="bench", timeout=120)
    registry.close()
