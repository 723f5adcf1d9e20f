from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import polars as pl
import pytest

DAY = "2024-01-16"


@pytest.fixture
def active(active_world):
    return active_world


def test_a_day_is_scored_by_the_active_artifact_and_published(active):
    run = active.run("scores/buys", "scores/buys/uploaded", keys=[DAY, "2024-01-17"])
    assert run.ok, run.failures
    assert len(run.run_ids) == 1
    frame = active.offline.read_partition("scores", "buys", DAY)
    visits = pl.read_parquet(active.settings.warehouse / "visits.parquet")
    asked = visits.filter(pl.col("asked_at").dt.date() == datetime(2024, 1, 16).date())
    assert frame["id"].to_list() == asked["id"].to_list()
    assert frame["probability"].is_between(0, 1).all()
    assert frame["artifact"].unique().to_list() == [1]
    published = pl.read_parquet(active.settings.root / "published" / "buys" / f"{DAY}.parquet")
    assert published.equals(frame)
    key = dg.AssetKey(["scores", "buys"])
    found = active.instance.fetch_materializations(key, limit=5).records
    assert {r.asset_materialization.metadata["artifact"].value for r in found} == {1}


def test_a_score_is_what_the_bundle_says_of_the_training_row(active):
    from pathlib import Path

    from bighead.pipeline_lib.artifact import load

    assert active.run("scores/buys", keys=[DAY]).ok
    scores = active.offline.read_partition("scores", "buys", DAY)
    week = active.offline.read_partition("training_sets", "visit", "2024-01-15")
    rows = scores.select("id").join(week, on="id", how="left", maintain_order="left")
    answers = load(Path(active.registry.artifact("buys", 1).location)).predict(rows)
    difference = (answers["probability"] - scores["probability"]).abs().max()
    assert difference is not None
    assert difference < 1e-12


def test_scoring_again_gives_the_same(active):
    assert active.run("scores/buys", keys=[DAY]).ok
    first = active.offline.read_partition("scores", "buys", DAY)
    assert active.run("scores/buys", keys=[DAY]).ok
    assert active.offline.read_partition("scores", "buys", DAY).equals(first)


def test_a_past_day_is_never_scored_by_a_model_that_saw_it(active):
    run = active.run("scores/buys", keys=["2024-01-10"])
    assert not run.ok
    assert "ever active had its data end by 2024-01-10" in next(iter(run.failures.values()))
    assert active.train("buys", "2024-01-15").ok
    assert active.activate("buys", 2).ok
    from bighead.assets.scoring import artifact_for

    for day, number in ((datetime(2024, 1, 16, tzinfo=UTC), 1), (datetime(2024, 1, 22, tzinfo=UTC), 2)):
        assert artifact_for(active.registry, "buys", day).number == number
    assert active.activate("buys", 1, rollback=True).ok
    later = datetime(2024, 1, 22, tzinfo=UTC)
    assert artifact_for(active.registry, "buys", later).number == 1, "what was rolled back scores no new day"


def test_a_day_without_a_question_is_kept_as_empty(active):
    path = active.settings.warehouse / "visits.parquet"
    table = pl.read_parquet(path)
    table.filter(pl.col("asked_at").dt.date() != datetime(2024, 1, 16).date()).write_parquet(path)
    run = active.run("scores/buys", "scores/buys/uploaded", keys=[DAY])
    assert run.ok, run.failures
    assert active.offline.read_partition("scores", "buys", DAY).height == 0


def test_the_upload_is_all_or_nothing(tmp_path):
    from bighead.assets.scoring import publish

    publish(pl.DataFrame({"a": [1]}), tmp_path, DAY)
    publish(pl.DataFrame({"a": [2]}), tmp_path, DAY)
    assert [file.name for file in tmp_path.iterdir()] == [f"{DAY}.parquet"]
    assert pl.read_parquet(tmp_path / f"{DAY}.parquet")["a"].to_list() == [2]
