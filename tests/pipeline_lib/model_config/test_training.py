"""The split in time: nothing whose label was not known yet teaches or measures, and the end is fitted on all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listings import forest, listings

from bighead.pipeline_lib.artifact import input_columns
from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, Label, LeftTable, TrainingSet
from bighead.pipeline_lib.frameworks import XGBClassifier, XGBRegressor
from bighead.pipeline_lib.model_config import Holdout, ModelConfig, ScheduledComputeConfig
from bighead.pipeline_lib.model_config.training import split_rows, train
from bighead.pipeline_lib.pipeline import Pipeline

START = datetime(2013, 1, 1, tzinfo=UTC)
INPUTS = ["price", "nights", "instant", "room", "city"]
SOURCE = TrainingSet(
    name="rentals",
    left=LeftTable("questions", known=dict.fromkeys(INPUTS, "0s")),
    timestamp="ts",
    row_id="id",
    features=[],
    inputs=INPUTS,
    label=Label("is_rental", horizon="2d", delay="1d"),
)
MODEL = ModelConfig(
    name="rental",
    owner="team:homes",
    pipeline=forest(10),
    source=SOURCE,
    fit_config=ScheduledComputeConfig("2013-01-01"),
    holdout=Holdout("10d"),
)


def questions(rows: int = 600, days: int = 60) -> pl.DataFrame:
    """Evenly spread questions, in no order."""
    frame, labels = listings(rows)
    asked = [START + timedelta(days=days) * at / rows for at in range(rows)]
    times = pl.Series("ts", asked, dtype=pl.Datetime("us", "UTC"))
    ids = pl.Series("id", [f"q{n:05}" for n in range(rows)])
    return frame.with_columns(times, ids, labels).sample(fraction=1.0, shuffle=True, seed=1)


END = START + timedelta(days=60)


@settings(max_examples=50, deadline=None)
@given(
    hours=st.integers(24 * 20, 24 * 70),
    horizon=st.integers(0, 200),
    delay=st.integers(0, 50),
    span=st.integers(1, 24 * 15),
)
def test_no_label_is_used_before_it_was_known(hours, horizon, delay, span):
    label = Label("is_rental", horizon=f"{horizon}h", delay=f"{delay}h")
    model = replace(MODEL, source=replace(SOURCE, label=label), holdout=Holdout(f"{span}h"))
    frame, end = questions(), START + timedelta(hours=hours)
    cut, wait = end - timedelta(hours=span), timedelta(hours=horizon + delay)
    rows = frame.select("ts", "id").sort("ts", "id").rows()
    fit = [name for when, name in rows if when + wait <= cut]
    holdout = [name for when, name in rows if when >= cut and when + wait <= end]
    known = [name for when, name in rows if when + wait <= end]
    if not fit or not holdout:
        with pytest.raises(DataError, match="rows to fit"):
            split_rows(model, frame, end)
        return
    split = split_rows(model, frame, end)
    assert split.fit["id"].to_list() == fit
    assert split.holdout["id"].to_list() == holdout
    assert split.known["id"].to_list() == known
    assert split.purged == len(known) - len(fit) - len(holdout)
    assert split.censored == frame.height - len(known)


def test_training_measures_on_the_holdout_and_fits_again_on_all():
    frame = questions()
    trained = train(MODEL, frame, END)
    split = split_rows(MODEL, frame, END)
    first = forest(10).fit(split.fit.select(INPUTS), split.fit["is_rental"])
    again = forest(10).fit(split.known.select(INPUTS), split.known["is_rental"])
    measured = first.predict_proba(split.holdout)[:, 1]
    from sklearn.metrics import roc_auc_score

    assert trained.metrics["roc_auc"] == roc_auc_score(split.holdout["is_rental"], measured)
    assert trained.pipeline.transform(frame).equals(again.transform(frame))
    assert trained.metrics["rows_holdout"] == split.holdout.height
    assert trained.data_interval == (split.known["ts"][0], END)
    assert set(trained.importance) == set(INPUTS)
    assert trained.sample.columns == INPUTS
    assert not MODEL.pipeline.fitted


def test_without_refit_the_measured_pipeline_is_the_one():
    model = replace(MODEL, holdout=Holdout("10d", refit=False))
    frame = questions()
    split = split_rows(model, frame, END)
    first = forest(10).fit(split.fit.select(INPUTS), split.fit["is_rental"])
    assert train(model, frame, END).pipeline.transform(frame).equals(first.transform(frame))


def test_the_order_of_rows_does_not_matter():
    frame = questions()
    one, two = train(MODEL, frame, END), train(MODEL, frame.reverse(), END)
    assert (
        one.pipeline.graph.nodes[-1].step.state()["booster"]
        == two.pipeline.graph.nodes[-1].step.state()["booster"]
    )


def sampled(seed: int | None) -> Pipeline:
    p = Pipeline("sampled")
    p[["price", "nights"]] >>= []
    p >>= XGBClassifier(n_estimators=5, subsample=0.5, random_state=seed, n_jobs=1)
    return p


def test_the_models_seed_is_for_steps_without_their_own():
    frame = questions()

    def answers(own: int | None, seed: int) -> pl.DataFrame:
        return train(replace(MODEL, pipeline=sampled(own), seed=seed), frame, END).pipeline.transform(frame)

    assert answers(None, 7).equals(answers(7, 0))
    assert not answers(None, 7).equals(answers(None, 8))
    assert answers(3, 7).equals(answers(3, 8))


def test_null_labels_are_counted_as_censored_and_any_labels_are_learnt():
    frame = questions()
    unknown = frame.with_columns(
        pl.when(pl.col("nights") > 25).then(None).otherwise("is_rental").alias("is_rental")
    )
    assert (
        train(MODEL, unknown, END).metrics["rows_censored"]
        > train(MODEL, frame, END).metrics["rows_censored"]
    )
    words = frame.with_columns(
        pl.col("is_rental").replace_strict({0: "no", 1: "yes"}, return_dtype=pl.String)
    )
    assert train(MODEL, words, END).metrics["roc_auc"] == train(MODEL, frame, END).metrics["roc_auc"]


def test_regressors_and_many_classes_are_measured_too():
    p = Pipeline("nights")
    p[["price", "instant"]] >>= []
    p >>= XGBRegressor(n_estimators=3)
    source = replace(SOURCE, label=Label("nights", horizon="1d"), inputs=["price", "instant"])
    assert set(train(replace(MODEL, pipeline=p, source=source), questions(), END).evaluation.metrics) == {
        "rmse",
        "mae",
        "r2",
    }
    p = Pipeline("rooms")
    p[["price", "nights"]] >>= []
    p >>= XGBClassifier(objective="multi:softprob", n_estimators=3)
    source = replace(SOURCE, label=Label("room", horizon="1d"), inputs=["price", "nights"])
    trained = train(replace(MODEL, pipeline=p, source=source), questions(), END)
    assert set(trained.evaluation.metrics) == {"accuracy", "log_loss"}


def test_what_cannot_be_trained_on_is_named():
    frame = questions()
    with pytest.raises(SchemaError, match="lacks the column 'id'"):
        train(MODEL, frame.drop("id"), END)
    with pytest.raises(SchemaError, match="Both are UTC times"):
        train(MODEL, frame.with_columns(pl.col("ts").dt.replace_time_zone(None)), END)
    with pytest.raises(DataError, match="0 rows to fit"):
        train(MODEL, frame, START)


def test_inputs_know_where_they_come_from():
    prices = FeatureSet(
        name="prices",
        owner="team:homes",
        keys=["city"],
        source=EventSource(table="bookings", event_time="ts"),
        aggregations=[Aggregation("price", "mean", windows=["7d"])],
    )
    source = replace(SOURCE, features=[prices])
    frame = questions()
    feature = prices.features[0].name
    p = Pipeline("origins")
    p[["city", "room"]] >>= forest().steps[2]
    p[[feature]] >>= []
    p.fit(frame.with_columns(pl.lit(1.0).alias(feature)))
    assert {each.name: each.origin for each in input_columns(p, source)} == {
        "city": "key",
        "room": "context",
        feature: "feature:prices",
    }
