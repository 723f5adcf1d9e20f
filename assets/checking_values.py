"""Declared checks of feature values and of scores, as asset checks where these values are stored."""

from collections.abc import Iterable, Mapping, Sequence

import dagster as dg
import polars as pl

from bighead.assets import keys
from bighead.assets.checking import judged_days, result_of
from bighead.assets.failures import refusals
from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.features.care import pii_features
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.profiles.store import History
from bighead.pipeline_lib.quality import Check
from bighead.pipeline_lib.quality.declared import training_columns
from bighead.pipeline_lib.quality.judging import Judged, judge_table
from bighead.pipeline_lib.quality.ledger import record_table
from bighead.pipeline_lib.quality.row_checks import PARTITION, Rows
from bighead.resources.dagster_bindings import HomeResource, OfflineStoreResource
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.profile_store import FileProfileStore


def training_checks(training_set: TrainingSet) -> list[dg.AssetChecksDefinition]:
    """Return the checks of a training set's weeks: none, or one definition of all."""
    table = ("training_sets", training_set.name)
    key, names = keys.training_set(training_set.name), training_columns(training_set)
    refs = training_set.refs
    hidden = {ref.output(f) for ref in refs for f in ref.features if f.name in pii_features(ref.set)}
    return _checks(table, key, training_set.checks, names, "week", frozenset(hidden))


def score_checks(model: ModelConfig) -> list[dg.AssetChecksDefinition]:
    """Return the checks of a model's scored days: none, or one definition of all."""
    names = {"event_time": model.source.timestamp}
    return _checks(("scores", model.name), keys.scores(model.name), model.score_checks, names, "day")


def _checks(
    table: tuple[str, str],
    key: dg.AssetKey,
    declared: Sequence[Check],
    names: Mapping[str, str],
    unit: str,
    hidden: frozenset[str] = frozenset(),
) -> list[dg.AssetChecksDefinition]:
    specs = [
        dg.AssetCheckSpec(each.name, asset=key, blocking=each.severity == "block", description=each.text)
        for each in declared
    ]
    if not specs:
        return []

    @dg.multi_asset_check(name=f"{'__'.join(table)}__checks", specs=specs, can_subset=True)
    def checks(
        context: dg.AssetCheckExecutionContext, offline_store: OfflineStoreResource, home: HomeResource
    ) -> Iterable[dg.AssetCheckResult]:
        store = offline_store.open()
        profiles, now = FileProfileStore.beside(store.root), home.now_clock().now()
        history = History(profiles, *table)
        judged = Judged(names, history, stored_partitions(table, store), now, unit=unit, hidden=hidden)
        with refusals():
            verdicts = judge_table(declared, judged_partitions(context.run.tags, history.partitions), judged)
            record_table(profiles, table, declared, verdicts, now)
        wanted = {each.name for each in context.selected_asset_check_keys}
        yield from (result_of(each, key) for each in verdicts if each.check in wanted)

    return [checks]


def judged_partitions(tags: Mapping[str, str], stored: list[str]) -> list[str]:
    """Return the stored partitions that a run computes, by its tags; the newest where it computes none.

    >>> judged_partitions({"dagster/partition": "2013-01-07"}, ["2013-01-07", "2013-01-14"])
    ['2013-01-07']
    """
    days = judged_days(tags, stored)
    if not days:
        return []
    # A week's key is its first day, so that those of a run lie between its first and last day.
    first, last = str(days[0]), str(days[-1])
    return [key for key in stored if first <= key <= last]


def stored_partitions(table: tuple[str, str], store: DeltaOfflineStore) -> Rows:
    """Return what reads the rows of partitions, each with its key."""

    def rows(partitions: Sequence[str]) -> pl.LazyFrame:
        frames = [
            store.read_partition(*table, key).lazy().with_columns(pl.lit(key).alias(PARTITION))
            for key in partitions
        ]
        return pl.concat(frames, how="diagonal_relaxed")

    return rows
