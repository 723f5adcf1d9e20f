"""The declared checks of a feature set as asset checks of `features/<set>`, judged from stored profiles."""

from collections.abc import Iterable, Mapping
from datetime import date

import dagster as dg
import polars as pl

from bighead.assets import keys
from bighead.assets.failures import refusals
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.batch_grain import DAILY, Grain, grain_of_key
from bighead.pipeline_lib.profiles.store import History
from bighead.pipeline_lib.quality.declared import UPSTREAM
from bighead.pipeline_lib.quality.judging import Failing, Span, Verdict, judge
from bighead.pipeline_lib.quality.ledger import record_verdicts
from bighead.pipeline_lib.quality.upstream import last_changes
from bighead.resources.dagster_bindings import HomeResource, OfflineStoreResource
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.profile_store import FileProfileStore

_PARTITION = "dagster/partition"
_START, _END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
# Metadata show this many of the days that do not hold.
_SHOWN = 50


def checks_of(feature_set: FeatureSet) -> dg.AssetChecksDefinition:
    """Return a set's checks: `upstream_schema`, and those that it declares; none blocks unless it says so.

    In a run that computes days these are judged; run by itself, the newest stored day is.
    """
    key = keys.features(feature_set.name)
    about = "The source tables have the columns and types that they had when they were last read."
    specs = [dg.AssetCheckSpec(UPSTREAM, asset=key, description=about)]
    specs += [
        dg.AssetCheckSpec(each.name, asset=key, blocking=each.severity == "block", description=each.text)
        for each in feature_set.checks
    ]

    @dg.multi_asset_check(name=f"features__{feature_set.name}__checks", specs=specs, can_subset=True)
    def checks(
        context: dg.AssetCheckExecutionContext, offline_store: OfflineStoreResource, home: HomeResource
    ) -> Iterable[dg.AssetCheckResult]:
        store = offline_store.open()
        profiles = FileProfileStore.beside(store.root)
        history = History(profiles, "features", feature_set.name)
        days = judged_days(context.run.tags, history.partitions, feature_set.grain)
        with refusals():
            now = home.now_clock().now()
            verdicts = [upstream_verdict(feature_set, profiles)]
            verdicts += judge(feature_set, days, history, stored_rows(feature_set, store), now)
            record_verdicts(profiles, feature_set, verdicts, now)
        wanted = {each.name for each in context.selected_asset_check_keys}
        yield from (result_of(each, key) for each in verdicts if each.check in wanted)

    return checks


def judged_days(tags: Mapping[str, str], stored: list[str], grain: Grain = DAILY) -> list[date]:
    """Return the partitions that a run computes, by its tags; the newest stored one where it computes none.

    >>> judged_days({"dagster/partition": "2013-01-02"}, ["2013-01-01"])
    [datetime.date(2013, 1, 2)]
    """
    first, last = tags.get(_START) or tags.get(_PARTITION), tags.get(_END) or tags.get(_PARTITION)
    if first is None or last is None:
        return [grain.parse(key) for key in [key for key in stored if grain_of_key(key) is grain][-1:]]
    return grain.run(grain.parse(first), grain.parse(last))


def upstream_verdict(feature_set: FeatureSet, profiles: FileProfileStore) -> Verdict:
    """Return what the last backfill saw of its sources' schemas; changes are a warning."""
    changes = last_changes(profiles, feature_set.name)
    said = "; ".join(each.text for each in changes) or "the source tables are as they were"
    failing = tuple(Failing("", each.text) for each in changes)
    return Verdict(UPSTREAM, "warn", "the source tables keep their columns and types", said, failing, 1)


def stored_rows(feature_set: FeatureSet, store: DeltaOfflineStore) -> Span:
    """Return what gives the stored rows of a span of partitions, both included."""

    def rows(first: date, last: date) -> pl.LazyFrame:
        return store.scan(feature_set.name, feature_set.grain.start(first), feature_set.grain.end(last))

    return rows


def result_of(verdict: Verdict, key: dg.AssetKey) -> dg.AssetCheckResult:
    """Return a verdict as Dagster shows it."""
    shown = [{"day": each.day, "seen": each.seen} for each in verdict.failing[:_SHOWN]]
    return dg.AssetCheckResult(
        passed=verdict.passed,
        asset_key=key,
        check_name=verdict.check,
        severity=dg.AssetCheckSeverity.WARN if verdict.severity == "warn" else dg.AssetCheckSeverity.ERROR,
        description=verdict.said,
        metadata={
            "judged": verdict.judged,
            "failing": len(verdict.failing),
            **({"seen": dg.MetadataValue.json(shown)} if shown else {}),
        },
    )
