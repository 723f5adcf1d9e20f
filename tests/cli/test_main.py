"""The table of verbs: quick help, the nearest right name, and a module behind each."""

from __future__ import annotations

import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from bighead.cli.main import VERBS, main

HEAVY = [
    "dagster",
    "polars",
    "pandas",
    "sklearn",
    "xgboost",
    "litestar",
    "sqlalchemy",
    "numpy",
    "rich",
    "pydantic",
]


def test_help_names_every_verb():
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0
    for verb in VERBS:
        assert verb in answer.output


def test_help_imports_nothing_heavy():
    code = "import sys; from click.testing import CliRunner; from bighead.cli.main import main; "
    code += "CliRunner().invoke(main, ['--help']); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_its_module_and_explains_itself(verb):
    command = importlib.import_module(VERBS[verb][0]).command
    assert isinstance(command, click.Command)
    answer = CliRunner().invoke(main, [verb, "--help"])
    assert answer.exit_code == 0
    assert "--json" in answer.output


@pytest.mark.parametrize(
    ("seen", "meant"),
    [("trian", "train"), ("promot", "promote"), ("roolback", "rollback"), ("docter", "doctor")],
)
def test_a_wrong_verb_is_answered_with_the_nearest_right_one(seen, meant):
    answer = CliRunner().invoke(main, [seen])
    assert answer.exit_code == 2
    assert f"Did you mean {meant}?" in answer.output
