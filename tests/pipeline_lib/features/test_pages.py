"""docs/features.md runs as it stands, and every test that docs/time.md names exists."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"
BLOCK = re.compile(r"```(python|yaml|text)\n(.*?)```", re.DOTALL)


def test_the_snippets_of_the_page_run_and_print_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    printed, runs = "", 0
    for kind, text in BLOCK.findall((DOCS / "features.md").read_text()):
        if kind == "yaml":
            Path("reviews.yaml").write_text(text)
        elif kind == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, "features.md", "exec"), scope)
            printed, runs = out.getvalue(), runs + 1
        else:
            assert printed == text
    assert runs == 10


def test_every_rule_of_time_names_a_test_that_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (DOCS / "time.md").read_text())
    assert len(named) >= 20
    for file, test in named:
        assert f"def {test}(" in (DOCS.parent / file).read_text()
