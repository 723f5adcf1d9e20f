"""`bighead init` writes a project that loads, and refuses names and folders that cannot be."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bighead.cli.main import main
from bighead.pipeline_lib.project import Project


def test_a_new_project_loads_and_prepares_its_tables(tmp_path):
    answer = CliRunner().invoke(main, ["init", "corner_shop", "--into", str(tmp_path), "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["ok"]
    project = Project.load(tmp_path / "corner_shop")
    assert set(project.feature_sets) == {"shopper"}
    assert set(project.models) == {"purchase_soon"}
    assert project.prepare is not None
    rows = project.prepare(tmp_path / "warehouse")
    assert rows == {"purchases": 6000, "visits": 4000}


@pytest.mark.parametrize("name", ["Shop", "my-shop", "1shop", ""])
def test_a_name_that_python_cannot_import_is_refused(name, tmp_path):
    answer = CliRunner().invoke(main, ["init", name, "--into", str(tmp_path), "--json"])
    assert answer.exit_code == 1
    assert json.loads(answer.output)["error"]["kind"] == "DefinitionError"


def test_a_folder_with_files_is_left_alone(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "mine.txt").write_text("mine")
    answer = CliRunner().invoke(main, ["init", "shop", "--into", str(tmp_path), "--json"])
    assert answer.exit_code == 1
    assert [file.name for file in (tmp_path / "shop").iterdir()] == ["mine.txt"]
