"""The docs are tested: every Python block runs, in the order of its page, and links lead somewhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("examples/*/README.md")),
]
# These need files or a server beside them, and have tests of their own that give them that.
ELSEWHERE = {
    "docs/frameworks.md": "tests/pipeline_lib/frameworks/test_own_framework.py",
    "docs/features.md": "tests/pipeline_lib/features/test_pages.py",
    "docs/serving.md": "tests/test_client.py",
}
WITH_CODE = [page for page in PAGES if "```python\n" in page.read_text() and name_of(page) not in ELSEWHERE]


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_python_of_a_page_runs_from_top_to_bottom(page, tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_within_the_project_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_test_that_a_page_names_exists():
    named = {
        match for page in PAGES for match in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text())
    }
    assert len(named) > 50
    for file, test in sorted(named):
        assert (ROOT / file).exists(), file
        functions = {
            each.name
            for each in ast.walk(ast.parse((ROOT / file).read_text()))
            if isinstance(each, ast.FunctionDef)
        }
        assert test in functions, f"{file} has no {test}"


def test_every_just_recipe_has_a_line_that_says_what_it_does():
    lines = (ROOT / "justfile").read_text().splitlines()
    recipes = [number for number, line in enumerate(lines) if re.match(r"^[a-z-]+( \*?\w+)*:", line)]
    assert len(recipes) > 10
    for number in recipes:
        assert lines[number - 1].startswith("# "), lines[number]


@pytest.mark.parametrize("page", ELSEWHERE)
def test_a_page_that_is_tested_elsewhere_is(page):
    assert Path(page).name in (ROOT / ELSEWHERE[page]).read_text()
