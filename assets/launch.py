"""Materialise assets in this process, with progress: what `bighead backfill`, `train` and `demo` call.

The runs are Dagster's own: they are in the instance's history, with their partitions, metadata and checks,
and the UI shows them like any other.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import uuid4

import dagster as dg

from bighead.assets.chunks import OnChunk, chunks_told_to
from bighead.assets.metadata import TAKES_RANGES
from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.resources.dagster_bindings import batched_events

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"

Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class RunSummary:
    """What a launch did: seconds of wall time, rows by asset, and what went wrong, `{step or check: why}`."""

    seconds: float
    rows: Mapping[str, int]
    ok: bool
    run_ids: Sequence[str] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def materialize(
    defs: dg.Definitions,
    selection: Sequence[str],
    partition_keys: Sequence[str] = (),
    *,
    instance: dg.DagsterInstance,
    config: Mapping[str, Mapping[str, Any]] | None = None,
    on_progress: Progress | None = None,
    on_chunk: OnChunk | None = None,
) -> RunSummary:
    """Materialise assets, named as `features/carrier`, for these partitions, none for assets without.

    Partitions that follow one another are one run where the assets take ranges; others are one run after
    another, until one fails. `config` gives an asset its configuration. `on_progress` is told
    `(asset, "started")`, then `done` or `failed`; `on_chunk` of each commit of a backfill.

    Raises:
        UnknownNameError: no such asset or partition.
        DefinitionError: nothing is selected, or the assets are partitioned differently.
    """
    chosen = [asset_key(defs, name) for name in selection]
    specs = [spec for spec in defs.resolve_all_asset_specs() if spec.key in set(chosen)]
    check_partitions(specs, partition_keys)
    started, summaries = time.perf_counter(), []
    with chunks_told_to(on_chunk):
        for tags, partition in _runs(defs, chosen, list(partition_keys)):
            summaries.append(_run(defs, chosen, tags, partition, instance, config or {}, on_progress))
            if not summaries[-1].ok:
                break
    return _together(summaries, time.perf_counter() - started)


def asset_key(defs: dg.Definitions, name: str) -> dg.AssetKey:
    """Return the key of an asset named as people write it, `features/carrier`.

    Raises:
        UnknownNameError: with the nearest names.
    """
    known = {spec.key.to_user_string(): spec.key for spec in defs.resolve_all_asset_specs()}
    if name not in known:
        raise UnknownNameError("asset", name, known)
    return known[name]


def partition_keys_between(defs: dg.Definitions, name: str, first: str = "", last: str = "") -> list[str]:
    """Return an asset's partition keys from `first` to `last`, both included; by default all. A day has all its hours.

    Raises:
        UnknownNameError: no such asset.
        DefinitionError: it has no partitions.
    """
    key = asset_key(defs, name)
    partitions = next(s.partitions_def for s in defs.resolve_all_asset_specs() if s.key == key)
    if partitions is None:
        raise DefinitionError(f"the asset {name!r} has no partitions.", cure="Materialise it without any.")
    return [each for each in partitions.get_partition_keys() if first <= each and each[: len(last)] <= last]


def check_partitions(specs: Sequence[dg.AssetSpec], partition_keys: Sequence[str]) -> None:
    """Refuse a selection that cannot run together, and partitions that do not exist.

    Raises:
        DefinitionError: nothing is selected, or the assets are partitioned differently.
        UnknownNameError: no such partition.
    """
    kinds = {spec.partitions_def for spec in specs}
    if not specs or len(kinds) > 1 or (None in kinds) != (not partition_keys):
        named = {spec.key.to_user_string(): str(spec.partitions_def or "none") for spec in specs}
        raise DefinitionError(
            f"these assets cannot be materialised together for {len(partition_keys)} partitions: {named}.",
            cure="Select assets of one kind of partition, and name partitions where they have them.",
        )
    partitions = next(iter(kinds))
    known = set(partitions.get_partition_keys()) if partitions else set()
    for key in partition_keys:
        if key not in known:
            raise UnknownNameError("partition", key, sorted(known)[-40:])


def _runs(
    defs: dg.Definitions, chosen: Sequence[dg.AssetKey], partition_keys: list[str]
) -> list[tuple[dict[str, str], str | None]]:
    graph = defs.resolve_asset_graph()
    ranged = all(TAKES_RANGES in graph.get(key).tags for key in chosen)
    partitions = graph.get(chosen[0]).partitions_def
    if not partition_keys or partitions is None:
        return [({}, None)]
    if len(partition_keys) == 1 or not ranged:
        return [({}, key) for key in partition_keys]
    ranges = _ranges(partitions.get_partition_keys(), set(partition_keys))
    return [
        ({}, first) if first == last else ({RANGE_START: first, RANGE_END: last}, None)
        for first, last in ranges
    ]


def _ranges(known: Sequence[str], wanted: set[str]) -> list[tuple[str, str]]:
    """Return the runs of wanted keys that follow one another among the known ones, as (first, last).

    >>> _ranges(["a", "b", "c", "d"], {"a", "b", "d"})
    [('a', 'b'), ('d', 'd')]
    """
    groups = groupby(known, key=wanted.__contains__)
    runs = [list(keys) for chosen, keys in groups if chosen]
    return [(run[0], run[-1]) for run in runs]


def _run(
    defs: dg.Definitions,
    chosen: Sequence[dg.AssetKey],
    tags: dict[str, str],
    partition: str | None,
    instance: dg.DagsterInstance,
    config: Mapping[str, Mapping[str, Any]],
    on_progress: Progress | None,
) -> RunSummary:
    run_id = str(uuid4())
    if on_progress:
        instance.add_event_listener(run_id, _listener(on_progress))
    job = defs.resolve_implicit_global_asset_job_def()
    with batched_events():
        result = job.execute_in_process(
            asset_selection=list(chosen),
            partition_key=partition,
            tags={**tags, "bighead/launched_by": "bighead"},
            run_config=_run_config(config),
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
        )
    return _summary(result, run_id)


def _run_config(config: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the assets are configured with; the run's log is told of everything.

    The console is told of nothing: the summary says what went wrong, and the UI keeps the traces.
    """
    ops = {name.replace("/", "__"): {"config": dict(values)} for name, values in config.items()}
    return {"ops": ops, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def _listener(on_progress: Progress) -> Callable[[Any], None]:
    words = {"STEP_START": "started", "STEP_SUCCESS": "done", "STEP_FAILURE": "failed"}

    def listen(entry: Any) -> None:
        event = entry.dagster_event
        if event is not None and event.event_type_value in words:
            on_progress(str(event.step_key).replace("__", "/"), words[event.event_type_value])

    return listen


def _summary(result: dg.ExecuteInProcessResult, run_id: str) -> RunSummary:
    rows: dict[str, int] = {}
    metadata: dict[str, dict[str, Any]] = {}
    failures: dict[str, str] = {}
    for event in result.all_events:
        if event.event_type_value == "ASSET_MATERIALIZATION":
            made = event.step_materialization_data.materialization
            name = made.asset_key.to_user_string()
            values = {label: value.value for label, value in made.metadata.items()}
            rows[name] = rows.get(name, 0) + _whole(values.get("dagster/partition_row_count"))
            metadata.setdefault(name, {}).update(values)
        elif event.is_step_failure:
            error = event.step_failure_data.error
            # The check says why by itself.
            if error is not None and error.cls_name == "DagsterAssetCheckFailedError":
                continue
            failures[str(event.step_key)] = error.message.strip() if error else "failed"
        elif event.event_type_value == "ASSET_CHECK_EVALUATION":
            verdict = event.asset_check_evaluation_data
            if not verdict.passed:
                failures[f"{verdict.asset_key.to_user_string()}:{verdict.check_name}"] = (
                    verdict.description or "failed"
                )
    return RunSummary(0.0, rows, bool(result.success), [run_id], failures, metadata)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _together(summaries: Sequence[RunSummary], seconds: float) -> RunSummary:
    rows: dict[str, int] = {}
    failures: dict[str, str] = {}
    metadata: dict[str, Mapping[str, Any]] = {}
    for each in summaries:
        rows = {name: rows.get(name, 0) + each.rows.get(name, 0) for name in {**rows, **each.rows}}
        failures |= each.failures
        metadata |= each.metadata
    ok = bool(summaries) and all(each.ok for each in summaries)
    return RunSummary(
        seconds, rows, ok, [run for each in summaries for run in each.run_ids], failures, metadata
    )
