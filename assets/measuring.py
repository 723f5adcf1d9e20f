"""Step 9 of 9, monitor: a day's logged inferences against training rows, offline rows and labels."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl

from bighead.assets.partitions import span_of
from bighead.assets.questions import require_days
from bighead.assets.scoring import KIND as SCORES
from bighead.assets.training_sets import KIND as TRAINING
from bighead.pipeline_lib.inference_log import InferenceRecord
from bighead.pipeline_lib.inference_log.record import to_frame
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.monitoring import (
    LEAST_ROWS,
    ConsistencyReport,
    DriftReport,
    PerformanceReport,
    check_consistency,
    measure_drift,
    measure_performance,
)
from bighead.pipeline_lib.point_in_time import StoreRows
from bighead.pipeline_lib.point_in_time.questions import questions_between
from bighead.pipeline_lib.point_in_time.training import rows_needed
from bighead.pipeline_lib.ports import FeatureStore, TableReader
from bighead.pipeline_lib.registry.values import Artifact
from bighead.resources.event_log import FileEventLog
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.replay import stream_mutations, stream_positions
from bighead.resources.stream import Streams

# Above this every second, third, ... row is compared: enough that a day of a year keeps a thousand.
REFERENCE_ROWS = 500_000
PROBABILITY = "probability"


def logged(model: str, day: str, log: Path) -> list[InferenceRecord]:
    """Return the records of a model whose questions lie in a day, synthetic ones included."""
    return list(FileEventLog(log).read(model, *span_of(day, 1)))


def asked(records: list[InferenceRecord]) -> list[InferenceRecord]:
    """Return the records of real questions: probes and load tests say nothing of the world."""
    return [record for record in records if not record.synthetic]


def drift_of(
    model: ModelConfig, records: list[InferenceRecord], artifact: Artifact, store: FeatureStore
) -> DriftReport | None:
    """Compare what was asked in a day with the rows that the artifact was trained on; None for too few rows.

    Raises:
        UnknownNameError: the training rows are gone.
    """
    current = to_frame(records)
    if current.height < LEAST_ROWS:
        return None
    weeks = [key for key in store.partitions(TRAINING, model.source.name) if key <= artifact.partition]
    reference = store.read_partitions(TRAINING, model.source.name, weeks)
    reference = reference.gather_every(max(1, reference.height // REFERENCE_ROWS))
    wanted = model.pipeline.input_columns or model.source.input_columns
    shared = [name for name in wanted if name in reference.columns and name in current.columns]
    return measure_drift(reference, current, shared, timestamp=model.source.timestamp)


def consistency_of(
    model: ModelConfig,
    records: list[InferenceRecord],
    rows: Mapping[str, pl.DataFrame],
    online: Path,
    tables: TableReader,
) -> ConsistencyReport:
    """Compute every logged feature again from offline rows, as of the question and what had streamed in by then."""
    source = model.source
    if not records or not online.is_dir():
        return check_consistency(records, source.refs, rows, {}, source)
    times = pl.Series([record.at for record in records]).cast(pl.Datetime("us", "UTC"))
    store = LmdbOnlineStore(online)
    streams = Streams(online / "streams", store)
    try:
        positions = stream_positions(source.feature_sets, streams)
        mutations = stream_mutations(source.feature_sets, streams, tables, times)
    finally:
        streams.close()
        store.close()
    return check_consistency(records, source.refs, rows, positions, source, mutations)


def rows_of(
    model: ModelConfig, records: list[InferenceRecord], store: FeatureStore
) -> dict[str, pl.DataFrame]:
    """Return the cleaned rows that logged questions reach, by feature set.

    Raises:
        DataError: feature days that the questions reach were not backfilled.
    """
    source = model.source
    if not records:
        return {}
    times = pl.Series(source.timestamp, [record.at for record in records]).cast(pl.Datetime("us", "UTC"))
    reader = StoreRows(store)
    require_days(source, times.to_frame(), reader)
    return {each.name: reader.rows(each, *rows_needed(each, times)) for each in source.feature_sets}


def performance_of(
    model: ModelConfig, day: str, records: list[InferenceRecord], tables: TableReader, store: FeatureStore
) -> dict[str, PerformanceReport]:
    """Compare a day's answers with the labels that have arrived: `logged` ones, and those of the `batch` scores."""
    source, reports = model.source, {}
    questions = questions_between(source, tables, *span_of(day, 1))
    labels = questions.rename({source.timestamp: "at"} if "at" not in questions.columns else {})
    answers = to_frame(records)
    keys = [name for name in source.key_columns if name in answers.columns]
    if f"prediction_{PROBABILITY}" in answers.columns and "at" in labels.columns:
        reports["logged"] = measure_performance(
            answers,
            labels,
            on=[*keys, "at"],
            prediction=f"prediction_{PROBABILITY}",
            label=source.label.column,
        )
    if day in store.partitions(SCORES, model.name):
        scores = store.read_partition(SCORES, model.name, day)
        if PROBABILITY in scores.columns:
            reports["batch"] = measure_performance(
                scores, questions, on=[source.row_id], prediction=PROBABILITY, label=source.label.column
            )
    return reports


def told(reports: dict[str, PerformanceReport]) -> dict[str, float | int]:
    """Return the numbers of performance reports by stable names, those that cannot be left out."""
    every = {
        f"{kind}/{name}": value for kind, each in reports.items() for name, value in asdict(each).items()
    }
    return {name: value for name, value in every.items() if value is not None}
