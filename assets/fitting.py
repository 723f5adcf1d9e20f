"""Step 4 of 9, fit and evaluate: training rows of past weeks become a bundle that the registry numbers."""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from bighead.pipeline_lib.model_config.training import Trained, train

from bighead.assets.partitions import span_of
from bighead.assets.training_sets import KIND
from bighead.pipeline_lib.artifact import Manifest, save
from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.model_config import ModelConfig
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
    """
    source, end = model.source, span_of(week, 7)[1]
    wanted = [each for each in weeks if each <= week]
    missing = sorted(set(wanted) - set(store.partitions(KIND, source.name)))
    if missing:
        raise DataError(
            f"training_sets/{source.name} lacks {len(missing)} weeks, {missing[0]} to {missing[-1]}.",
            cure=f"Materialise them first: training_sets/{source.name}, that range, one run.",
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
    """Everything that a training needs besides the model: the project's code, stores and folders."""

    project: Project
    tables: TableReader
    store: FeatureStore
    registry: RegistryStore
    bundles: Path


def fit_week(model, week, weeks, shop, *, run_id): ...
