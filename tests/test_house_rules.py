"""The habits of the house, enforced: sizes, names, imports and documented settings."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = [
    "assets",
    "resources",
    "sensors",
    "pipeline_lib",
    "serving",
    "src/bighead/cli",
    "rust_kernels",
    "bench",
    "examples",
]
SOURCES = sorted(
    path
    for folder in [*FOLDERS, "tests"]
    for suffix in ("*.py", "*.rs")
    for path in (ROOT / folder).rglob(suffix)
    if "target" not in path.parts and "__snapshots__" not in path.parts
)
PYTHON = [path for path in SOURCES if path.suffix == ".py" and "tests" not in path.parts]
JUNK = {"utils", "helpers", "common", "misc", "util", "helper"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_is_under_300_lines(path):
    assert len(path.read_text().splitlines()) < 300


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_file_is_a_junk_drawer(path):
    assert path.stem not in JUNK


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_functions_are_under_40_lines_and_modules_say_their_idea(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or not path.read_text().strip()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines < 40, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", [p for p in PYTHON if p.parts[-2] != "resources"], ids=name)
def test_the_environment_is_read_in_settings_only(path):
    # A program of a user's own is given the variables that its step names.
    if path.name in {"settings.py", "conftest.py", "arrow_process.py"} or "bench" in path.parts:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
            # A child process may be given an environment; nothing may be decided by reading one.
            assert path.parts[-2] == "cli" or "cli" in path.parts, (
                f"{name(path)}:{node.lineno} reads the environment"
            )


def test_src_holds_links_to_the_folders_at_the_top():
    for folder in ["assets", "resources", "sensors", "pipeline_lib", "serving"]:
        link = ROOT / "src" / "bighead" / folder
        assert link.is_symlink()
        assert link.resolve() == ROOT / folder


def test_every_setting_is_documented():
    from bighead.resources.settings import Settings

    page = (ROOT / "docs" / "settings.md").read_text()
    for field, info in Settings.model_fields.items():
        assert f"`BIGHEAD_{field.upper()}`" in page
        assert info.description


def test_import_contracts_hold():
    ended = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-3000:]
