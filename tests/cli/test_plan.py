"""`bighead plan` in words and as JSON, and the same plan from a session, without any server or Dagster."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from bighead.cli.main import main
from bighead.resources.settings import Settings
from bighead.session import Session

PROJECT = Path(__file__).parents[1] / "assets" / "project_small"
CLOCK = "replay:2024-01-22T00:00Z"


def test_the_plan_of_an_empty_home_and_of_a_full_one(world, monkeypatch, tmp_path):
    monkeypatch.setenv("BIGHEAD_PROJECT", str(PROJECT))
    monkeypatch.setenv("BIGHEAD_CLOCK", CLOCK)
    monkeypatch.setenv("BIGHEAD_HOME", str(tmp_path / "nothing"))
    told = CliRunner().invoke(main, ["plan"])
    assert told.exit_code == 0, told.output
    assert "42 days to compute" in told.stdout
    assert "used by training set visit, model buys, model buys_surely" in told.stdout
    monkeypatch.setenv("BIGHEAD_HOME", str(world.settings.home))
    full = json.loads(CliRunner().invoke(main, ["plan", "purchase", "--json"]).stdout)
    assert (full["ok"], full["days"], list(full["feature_sets"])) == (True, 0, ["purchase"])


def test_a_session_plans_what_the_partitions_are(world):
    settings = Settings(home=world.settings.home, project=PROJECT, clock=CLOCK)
    with Session(settings) as session:
        plan = session.plan()
        assert plan.days == 0
    later = Settings(home=world.settings.home, project=PROJECT, clock="replay:2024-01-25T00:00Z")
    [profile, purchase] = Session(later).plan(world.project).sets
    assert [day.isoformat() for day in purchase.days] == ["2024-01-22", "2024-01-23", "2024-01-24"]
    assert profile.days == purchase.days


def test_planning_loads_no_dagster():
    code = "import sys, bighead.session, bighead.cli.plan; print('dagster' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
