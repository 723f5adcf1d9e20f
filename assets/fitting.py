"""Step 4 of 9, fit and evaluate: training rows of past weeks become a bundle that the registry numbers."""

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from bighead.assets.partitions import span_of
from bighead.assets.training_sets import KIND
from bighead.pipeline_lib.artifact import Manifest, derived_inputs, input_columns, save
from bighead.pipeline_lib.errors import DataError, StaleRowsError
from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.features.codec import to_json
from bighead.pipeline_lib.features.row_definition import training_rows_hash
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.model_config.training import Trained, train
from bighead.pipeline_lib.ports import FeatureStore, TableReader
from bighead.pipeline_lib.project import Project
from bighead.pipeline_lib.registry.values import Artifact
from bighead.resources.registry_store import RegistryStore

# Every artifact must answer its stored example as it did when it was made, whatever its gates are.
REPRODUCES = "reproduces"


@dataclass(frozen=True)
class Fitted:
    """A trained artifact, as the registry knows it, and what came out of training."""

    artifact: Artifact
    trained: Trained
    rows: int
    drawing: str


def training_rows(
    model: ModelConfig, week: str, weeks: list[str], tables: TableReader, store: FeatureStore
) -> pl.DataFrame:
    """Return the stored training rows from the model's start to the end of `week`.

    Labels that were still open when a week was stored are looked up again: they may have come since. Which of
    them were known at the week's end, training decides.

    Raises:
        DataError: a week was never materialised, or there is no row.
        StaleRowsError: a week was made of another definition, of its features or of the set itself.
    """
    source, end = model.source, span_of(week, 7)[1]
    wanted = [each for each in weeks if each <= week]
    missing = sorted(set(wanted) - set(store.partitions(KIND, source.name)))
    if missing:
        raise DataError(
            f"training_sets/{source.name} lacks {len(missing)} weeks, {missing[0]} to {missing[-1]}.",
            cure=f"Materialise them first: training_sets/{source.name}, that range, one run.",
        )
    stale = sorted(set(stale_weeks(source, store)) & set(wanted))
    if stale:
        raise StaleRowsError(
            f"{len(stale)} weeks of training_sets/{source.name}, {stale[0]} to {stale[-1]}, were made of another"
            " definition.",
            cure=f"Materialise them again: training_sets/{source.name}, that range, one run; `bighead train` does.",
        )
    frame = store.read_partitions(KIND, source.name, wanted)
    start = datetime.fromisoformat(model.fit_config.start_date).replace(tzinfo=UTC)
    times = pl.col(source.timestamp)
    kept = with_arrived_labels(frame.filter((times >= start) & (times < end)), source, tables)
    if kept.is_empty():
        raise DataError(
            f"{model.name!r} has no training row before {end.date()}.", cure="Choose a later week."
        )
    return kept


def stale_weeks(source: TrainingSet, store: FeatureStore) -> list[str]:
    """Return the stored weeks of a training set that another definition made; those that do not say are believed."""
    now = training_rows_hash(source)
    return sorted(w for w, seen in store.made_of(KIND, source.name).items() if seen not in (None, now))


def with_arrived_labels(frame: pl.DataFrame, source: TrainingSet, tables: TableReader) -> pl.DataFrame:
    """Return the rows with labels that were null when stored filled in from the table of questions."""
    label = source.label.column
    if not frame[label].null_count():
        return frame
    now = tables.scan(source.left.table).select(source.row_id, pl.col(label).alias("arrived")).collect()
    joined = frame.join(now.unique(source.row_id), on=source.row_id, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(label, pl.col("arrived").cast(frame.schema[label]))).drop(
        "arrived"
    )


def code_version(project: Project) -> str:
    """Return a short hash of every Python and YAML file of a project: the code that an artifact came from."""
    digest = hashlib.sha256()
    for file in sorted(path for suffix in ("*.py", "*.yaml") for path in project.root.rglob(suffix)):
        digest.update(file.relative_to(project.root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Workshop:
    """Everything that a training needs besides the model: the project's code, stores, and where bundles go."""

    project: Project
    tables: TableReader
    store: FeatureStore
    registry: RegistryStore
    bundles: Path


def fit_week(model: ModelConfig, week: str, weeks: list[str], shop: Workshop, *, run_id: str = "") -> Fitted:
    """Train on everything up to the end of `week`, keep the bundle, and have the registry number it.

    Running again gives the same bundle and the same number, if the rows are the same.

    Raises:
        DataError: training weeks are missing, or there is nothing to fit or to measure on.
        UnsupportedStepError: a step that cannot be stored without pickle.
    """
    rows = training_rows(model, week, weeks, shop.tables, shop.store)
    trained = train(model, rows, span_of(week, 7)[1])
    version = code_version(shop.project)
    origin = provenance(model, week, shop) | {"code_version": version, "dagster_run_id": run_id}
    manifest, location = keep(model, week, trained, origin, shop.bundles)
    config = {**model.to_dict(), "required_checks": [REPRODUCES]}
    shop.registry.ensure_model(model.name, model.owner, model.team, config)
    artifact = shop.registry.register(
        model.name,
        content_hash=manifest.content_hash,
        location=str(location),
        data_interval=trained.data_interval,
        metrics=trained.metrics,
        metadata=origin,
        code_version=version,
        partition=week,
    )
    return Fitted(artifact, trained, rows.height, trained.pipeline.describe("text"))


def provenance(model: ModelConfig, week: str, shop: Workshop) -> dict[str, Any]:
    """Return where an artifact comes from: names, hashes and versions of everything that was read."""
    source = model.source
    stored = [each for each in source.feature_sets if each.source.tables]
    return {
        "project": shop.project.name,
        "partition": week,
        "training_set": source.name,
        "seed": model.seed,
        "feature_sets": {each.name: each.hash for each in source.feature_sets},
        "feature_versions": {each.name: shop.store.version(each.name) for each in stored},
        "left_table": {source.left.table: shop.tables.fingerprint(source.left.table)},
    }


def keep(
    model: ModelConfig, week: str, trained: Trained, origin: dict[str, Any], bundles: Path
) -> tuple[Manifest, Path]:
    """Write the bundle under its final name in one step; the same content of the same week stays as it is."""
    derived = derived_inputs(trained.pipeline, model.source)
    used = {*trained.pipeline.input_columns, *(derived.features if derived else ())}
    refs = [ref for ref in model.source.refs if used & set(ref.columns())]
    home = bundles / model.name
    home.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home))
    try:
        manifest = save(
            trained.pipeline,
            draft / "bundle",
            model=model.name,
            inputs=input_columns(trained.pipeline, model.source),
            example_rows=trained.sample,
            feature_sets_json=json.dumps([json.loads(to_json(ref)) for ref in refs]),
            key_columns=model.source.key_columns,
            provenance=origin,
            evaluation=trained.evaluation,
            importance=trained.importance,
            data_interval=trained.data_interval,
            derived=derived,
        )
        target = home / f"{week}-{manifest.content_hash[:16]}"
        if not target.exists():
            (draft / "bundle").rename(target)
    finally:
        shutil.rmtree(draft)
    return manifest, target
