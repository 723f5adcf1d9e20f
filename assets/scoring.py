"""Batch scores: which artifact may answer for a day, and its answers to that day's questions."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from bighead.assets.partitions import span_of
from bighead.assets.questions import require_days
from bighead.pipeline_lib.artifact import load
from bighead.pipeline_lib.errors import RegistryError
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.point_in_time import Memory, StoreRows
from bighead.pipeline_lib.point_in_time.engine import JoinEngine
from bighead.pipeline_lib.point_in_time.questions import questions_between
from bighead.pipeline_lib.point_in_time.training import features_at, left_columns, rows_of
from bighead.pipeline_lib.ports import FeatureStore, TableReader
from bighead.pipeline_lib.registry.values import Artifact
from bighead.resources.registry_store import RegistryStore

KIND = "scores"


@dataclass(frozen=True)
class Scored:
    """A day's scores and the artifact that gave them."""

    artifact: Artifact
    frame: pl.DataFrame


def artifact_for(store: RegistryStore, model: str, day: datetime) -> Artifact:
    """Return the artifact that scores a day: the active one, unless its training data reach into that day.

    For a day in the past it is the newest that was ever active and had seen nothing of the day: a score from a
    model that was trained on the answer is worth nothing.

    Raises:
        RegistryError: no artifact that was ever active is that old.
    """
    active = store.active(model)
    if active is not None and active.data_interval[1] <= day:
        return active
    once = {event.number for event in store.history(model)}
    fit = [each for each in store.artifacts(model) if each.number in once and each.data_interval[1] <= day]
    if not fit:
        raise RegistryError(
            f"no artifact of {model!r} that was ever active had its data end by {day.date()}.",
            cure="Promote one first, or score days after its data.",
        )
    return max(fit, key=lambda each: (each.data_interval[1], each.number))


def score_days(
    model: ModelConfig,
    days: list[str],
    tables: TableReader,
    store: FeatureStore,
    registry: RegistryStore,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
) -> dict[str, Scored]:
    """Score each day's questions and store them, a commit a day; an `engine` joins in the place of this process.

    Raises:
        RegistryError: no artifact may answer for a day.
        DataError: feature days that the questions reach were not backfilled.
    """
    scored: dict[str, Scored] = {}
    for day in sorted(days):
        artifact = artifact_for(registry, model.name, span_of(day, 1)[0])
        frame = score_day(model, day, artifact, tables, store, memory, engine)
        store.write_partition(KIND, model.name, day, frame)
        scored[day] = Scored(artifact, frame)
    return scored


def score_day(
    model: ModelConfig,
    day: str,
    artifact: Artifact,
    tables: TableReader,
    store: FeatureStore,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
) -> pl.DataFrame:
    """Return row id, time, keys and prediction of each question of a day, and the artifact's number."""
    source, reader = model.source, StoreRows(store)
    left = questions_between(source, tables, *span_of(day, 1))
    base = left_columns(source, left, with_label=False)
    number = pl.lit(artifact.number, pl.Int64).alias("artifact")
    if base.is_empty():
        return base.with_columns(number)
    require_days(source, left, reader)
    features, _ = features_at(base, source.refs, reader, source.timestamp, memory, engine)
    answers = load(Path(artifact.location)).predict(rows_of(source, base, features))
    kept = list(dict.fromkeys([source.row_id, source.timestamp, *source.key_columns]))
    return pl.concat([base.select(kept), answers], how="horizontal").with_columns(number)


def publish(frame: pl.DataFrame, folder: Path, day: str) -> Path:
    """Write a day's scores as `<folder>/<day>.parquet`; readers see the old file or the new one, never half."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{day}.parquet"
    partial = folder / f".{day}.{os.getpid()}.partial"
    frame.write_parquet(partial)
    partial.replace(target)
    return target
