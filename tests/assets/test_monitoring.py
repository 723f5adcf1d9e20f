"""Drift, consistency and performance over a log written by the serving tier's own fetcher and record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from msgspec import structs

from bighead.assets.monitor_results import drift_result, skew_result
from bighead.pipeline_lib.artifact import load
from bighead.pipeline_lib.features import EntitySource
from bighead.pipeline_lib.inference_log import InferenceRecord
from bighead.pipeline_lib.inference_log.record import RowRecord
from bighead.pipeline_lib.monitoring import LEAST_ROWS, DriftReport, FeatureDrift, FeatureSkew, SkewReport
from bighead.pipeline_lib.point_in_time import SourceRows, StoreRows, answers_at
from bighead.pipeline_lib.point_in_time.training import features_at
from bighead.resources.event_log import FileEventLog
from bighead.resources.sources import Warehouse

DAY = "2024-01-16"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def log_day(world, rows: int = 130, change=lambda number, features: features, synthetic=False) -> None:
    """Log answers to the day's visits, each as of the midnight before: what a batch-only server would serve."""
    artifact = load(Path(world.registry.artifact("buys", 1).location))
    source = world.project.models["buys"].source
    midnight = datetime(2024, 1, 16, tzinfo=UTC)
    visits = pl.read_parquet(world.settings.warehouse / "visits.parquet")
    asked = visits.filter(pl.col("asked_at").dt.date() == midnight.date()).sample(
        rows, with_replacement=True, seed=1
    )
    # Only what the generation of this midnight holds is visible.
    visible = Frozen(StoreRows(world.offline), midnight)
    features, _ = features_at(asked, source.refs, visible, "asked_at")
    full = pl.concat([asked, features], how="horizontal")
    answers = artifact.predict(full)
    generations = {"purchase": micros(midnight), "profile": micros(midnight), "moment": None}
    records = []
    for number, (row, fetched, answer) in enumerate(
        zip(asked.to_dicts(), features.to_dicts(), answers.to_dicts(), strict=True)
    ):
        record = RowRecord(
            keys={"shopper": row["shopper"]},
            context={"device": row["device"]},
            features=change(number, fetched),
            statuses={},
            prediction=answer,
        )
        at = micros(row["asked_at"])
        hashes = {each.name: each.hash for each in source.feature_sets}
        records.append(InferenceRecord(f"r{number}", at, at, "buys", 1, [record], hashes, generations, {}))
    log = FileEventLog(world.settings.inference_log)
    log.append("buys", [structs.replace(record, synthetic=synthetic) for record in records])
    log.close()


class Frozen:
    """Rows that had happened before an instant."""

    def __init__(self, reader: StoreRows, until: datetime) -> None:
        self.reader, self.until = reader, until

    def rows(self, feature_set, start, end):
        # A snapshot that ends with the day belongs to its generation.
        until = self.until + timedelta(microseconds=isinstance(feature_set.source, EntitySource))
        return self.reader.rows(feature_set, start, min(end, until))


@pytest.fixture
def serving(active_world):
    return active_world


def test_what_was_served_right_is_consistent(serving):
    log_day(serving)
    run = serving.run("monitoring/buys/consistency", keys=[DAY])
    assert run.ok, run.failures
    told = run.metadata["monitoring/buys/consistency"]
    assert told["mismatches"] == 0
    assert told["compared"] == 130 * (4 + 2 + 2)


def test_what_the_store_lacked_is_skew_and_warns(serving):
    # The log saw only what had happened before midnight; purchases of the day itself were known, and not served.
    log_day(serving)
    run = serving.run("monitoring/buys/consistency", keys=[DAY])
    told = run.metadata["monitoring/buys/consistency"]
    shares = {each["feature"]: each["share"] for each in told["skewed"]}
    assert told["mismatches"] == 0
    assert 0 < told["skew"] < max(shares.values()) <= 1
    assert max(shares, key=lambda name: shares[name]).startswith("purchase_")
    assert {shares[name] for name in shares if name.startswith("moment_")} <= {0.0}
    # A warning: the run goes on.
    assert run.ok
    assert "purchase_" in run.failures["monitoring/buys/consistency:no_skew"]


def test_skew_within_the_share_that_a_model_lets_through_is_no_warning():
    features = (FeatureSkew("a", 100, 2, 0.5), FeatureSkew("b", 100, 0, None))
    assert [skew_result(SkewReport(features), limit)[0].passed for limit in (0.019, 0.02)] == [False, True]


def test_one_wrong_value_fails_the_run_and_is_named(serving):
    def off_by_one(number, features):
        return features | (
            {"purchase_price_count_7d": features["purchase_price_count_7d"] + 1} if number == 7 else {}
        )

    log_day(serving, change=off_by_one)
    run = serving.run("monitoring/buys/consistency", keys=[DAY])
    assert not run.ok
    [why] = run.failures.values()
    assert "1 of 1040 served values differ" in why
    assert "purchase_price_count_7d of request r7" in why
    key = dg.AssetKey(["monitoring", "buys", "consistency"])
    assert serving.instance.get_materialized_partitions(key) == set()


def test_a_day_without_requests_is_consistent_and_not_judged_for_drift(serving):
    run = serving.run("monitoring/buys/consistency", keys=["2024-01-17"])
    assert run.ok
    assert run.metadata["monitoring/buys/consistency"]["requests"] == 0
    drift = serving.run("monitoring/buys/drift", keys=["2024-01-17"])
    assert drift.ok
    assert drift.failures == {}


def test_drift_warns_without_failing_and_calm_days_stay_calm(serving):
    log_day(serving, rows=LEAST_ROWS + 200)
    calm = serving.run("monitoring/buys/drift", keys=[DAY])
    assert calm.ok
    age = calm.metadata["monitoring/buys/drift"]
    assert age["rows"] == LEAST_ROWS + 200

    def older(_number, features):
        return features | {"profile_age": features["profile_age"] + 500}

    log_day(serving, rows=600, change=older)
    run = serving.run("monitoring/buys/drift", keys=[DAY])
    assert run.ok, "drift is a warning"
    assert "profile_age" in run.failures["monitoring/buys/drift:no_drift"]
    assert run.metadata["monitoring/buys/drift"]["worst_psi"] > 0.25


def test_a_load_test_weighs_in_neither_drift_nor_performance_and_is_replayed_all_the_same(serving):
    log_day(serving)
    log_day(serving, rows=400, change=lambda _, features: features | {"profile_age": 999}, synthetic=True)
    drift = serving.run("monitoring/buys/drift", keys=[DAY]).metadata["monitoring/buys/drift"]
    assert drift["rows"] == 130
    consistency = serving.run("monitoring/buys/consistency", keys=[DAY])
    assert "400 of 4240 served values differ" in next(iter(consistency.failures.values()))


def test_a_check_says_what_drifted_and_what_was_usual():
    report = DriftReport(
        (
            FeatureDrift("month", 8.5, 0.9, 0.0, 1000, 200, 0.0, 8.5, 0.0),
            FeatureDrift("hidden", 5.0, 0.1, 0.5, 1000, 200, 4.2, 6.5, 0.02),
            FeatureDrift("carrier_x", 0.93, 0.3, 0.0, 1000, 200, 0.0, 0.41, 0.0),
            FeatureDrift("young", 0.5, 0.3, 0.0, 1000, 200),
        )
    )
    result = drift_result(report, 200)
    [check] = result.check_results
    assert check.description == (
        "hidden missing +50%, 4.20 (usual up to 0.02), carrier_x 0.93 (usual up to 0.41), young 0.50"
    )
    assert (result.metadata["drifted"], result.metadata["calibrated"]) == (3, 3)
    assert drift_result(DriftReport(report.features[:1]), 200).check_results[0].passed


def test_performance_joins_labels_to_logged_and_batch_answers(serving):
    log_day(serving)
    assert serving.run("scores/buys", keys=[DAY]).ok
    run = serving.run("monitoring/buys/performance", keys=[DAY])
    assert run.ok, run.failures
    told = run.metadata["monitoring/buys/performance"]
    assert told["requests"] == 130
    assert told["logged/labelled"] == 130
    scores = serving.offline.read_partition("scores", "buys", DAY)
    assert told["batch/labelled"] == scores.height
    visits = pl.read_parquet(serving.settings.warehouse / "visits.parquet")
    joined = scores.join(visits.select("id", "buys"), on="id")
    brier = ((joined["probability"] - joined["buys"]) ** 2).mean()
    assert told["batch/brier"] == pytest.approx(brier)
    assert told["batch/roc_auc"] > 0.55


def at_midnight_training_and_serving_see_the_same_snapshot(world) -> None:
    """The snapshot of the 16th is known from the midnight that ends it: online as in training."""
    from bighead.resources.lmdb_online_store import LmdbOnlineStore

    profile, at = world.project.feature_sets["profile"], datetime(2024, 1, 17, 0, 30, tzinfo=UTC)
    asked = pl.DataFrame({"shopper": [f"s{n}" for n in range(8)], "t": [at] * 8}).with_columns(
        pl.col("t").cast(pl.Datetime("us", "UTC"))
    )
    rows = SourceRows(Warehouse(world.settings.warehouse)).rows(profile, None, at)
    expected = answers_at(asked, profile.on(), rows, "t")
    store = LmdbOnlineStore(world.settings.online)
    try:
        found = store.fetch(profile, [[shopper] for shopper in asked["shopper"]], micros(at)).frame
    finally:
        store.close()
    served = answers_at(asked, profile.on(), found, "t")
    assert served.values.equals(expected.values)
    assert found["event_time"].max() == datetime(2024, 1, 17, tzinfo=UTC)


def test_a_generation_holds_the_rows_that_count_at_its_midnight(serving):
    from bighead.resources.lmdb_online_store import LmdbOnlineStore

    keys = ["2024-01-14", "2024-01-15", "2024-01-16"]
    run = serving.run("features/purchase/online", "features/profile/online", keys=keys)
    assert run.ok, run.failures
    store = LmdbOnlineStore(serving.settings.online)
    try:
        purchase = serving.project.feature_sets["purchase"]
        kept = [each.midnight for each in store.generations(purchase)]
        assert kept == [micros(datetime(2024, 1, day, tzinfo=UTC)) for day in (17, 16)]
        rows = store.fetch(purchase, [["s3"]], kept[0] + 1).frame
    finally:
        store.close()
    stored = StoreRows(serving.offline).rows(
        purchase, datetime(2024, 1, 9, tzinfo=UTC), datetime(2024, 1, 17, tzinfo=UTC)
    )
    expected = stored.filter(pl.col("shopper") == "s3")
    assert (
        rows.filter(pl.col("event_time") >= datetime(2024, 1, 9, 23, tzinfo=UTC)).height
        == expected.filter(pl.col("event_time") >= datetime(2024, 1, 9, 23, tzinfo=UTC)).height
    )
    at_midnight_training_and_serving_see_the_same_snapshot(serving)
    found = serving.instance.fetch_materializations(
        dg.AssetKey(["features", "purchase", "online"]), limit=5
    ).records
    told = {each.partition_key: each.asset_materialization.metadata for each in found}
    assert told["2024-01-14"]["superseded_by"].value == "2024-01-16"
    assert told["2024-01-16"]["dagster/partition_row_count"].value > 0
