"""`bighead backfill` computes what lacks, again what is forced, and says how far it is."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from bighead.cli.main import main
from bighead.resources.offline_store import DeltaOfflineStore

PROJECT = Path(__file__).parents[1] / "assets" / "project_small"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("BIGHEAD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BIGHEAD_PROJECT", str(PROJECT))
    monkeypatch.setenv("BIGHEAD_CLOCK", "replay:2024-01-22T00:00Z")
    return tmp_path / "home"


def ask(*words: str) -> dict[str, Any]:
    answer = CliRunner().invoke(main, [*words, "--json"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_what_lacks_is_computed_once_and_again_when_forced(home):
    first = ask("backfill", "purchase", "--to", "2024-01-05")["feature_sets"]["purchase"]
    assert (first["computed"], first["kept"]) == (5, 0)
    rest = ask("backfill", "purchase")["feature_sets"]["purchase"]
    assert (rest["computed"], rest["kept"]) == (16, 5)
    assert first["rows"] + rest["rows"] == 1800
    store = DeltaOfflineStore(home / "offline")
    assert store.version("purchase") == 1
    assert ask("backfill", "purchase")["feature_sets"]["purchase"]["computed"] == 0
    assert store.version("purchase") == 1
    forced = ask("backfill", "purchase", "--from", "2024-01-03", "--to", "2024-01-04", "--force")
    assert forced["feature_sets"]["purchase"]["computed"] == 2
    assert store.version("purchase") == 2


def test_days_that_rows_came_late_for_are_found_and_computed_again_where_asked_for(home, monkeypatch):
    ask("backfill", "purchase")
    monkeypatch.setattr("bighead.cli.orchestration.Orchestra.prepare_tables", lambda self: {})
    table = home / "warehouse" / "purchases.parquet"
    rows = pl.read_parquet(table)
    twice = rows.filter(pl.col("bought_at").dt.day() == 4).head(1).with_columns(pl.lit("late").alias("id"))
    pl.concat([rows, twice]).write_parquet(table)
    assert ask("plan", "purchase")["days"] == 0
    assert ask("plan", "purchase", "--late")["feature_sets"]["purchase"]["touched"] == 1
    assert ask("backfill", "purchase")["feature_sets"]["purchase"]["computed"] == 0
    assert ask("backfill", "purchase", "--late")["feature_sets"]["purchase"]["computed"] == 1
    assert ask("plan", "purchase", "--late")["days"] == 0
    assert (
        "late"
        in DeltaOfflineStore(home / "offline").scan("purchase", *map(_midnight, (4, 5))).collect()["event_id"]
    )


def test_days_of_unknown_definition_are_kept_and_told(home):
    ask("backfill", "purchase", "--to", "2024-01-03")
    store = DeltaOfflineStore(home / "offline")
    span = store.scan("purchase", *(_midnight(day) for day in (1, 2))).collect()
    store.write_days("purchase", [date(2024, 1, 1)], span)
    told = ask("backfill", "purchase", "--to", "2024-01-03")["feature_sets"]["purchase"]
    assert (told["computed"], told["kept"], told["of_unknown_definition"]) == (0, 3, 1)
    told = ask("backfill", "purchase", "--to", "2024-01-03", "--force")["feature_sets"]["purchase"]
    assert "of_unknown_definition" not in told


def _midnight(day: int):
    from bighead.pipeline_lib.point_in_time.reading import midnight

    return midnight(date(2024, 1, day))


def test_the_bar_is_told_of_each_commit(home, monkeypatch):
    from bighead.cli.progress import Steps

    monkeypatch.setattr("bighead.pipeline_lib.point_in_time.spans._MOST_DAYS", 7)
    shares: list[float] = []
    monkeypatch.setattr(Steps, "within", lambda self, share: shares.append(round(share, 3)))
    ask("backfill", "purchase")
    assert shares == [0.333, 0.667, 1.0]
