"""The page of the dialect is what the dialect does: its tables are those that types and functions come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bighead.pipeline_lib.expressions.casts import CASTS
from bighead.pipeline_lib.expressions.functions import GROUPS, Function

PAGE = Path(__file__).parents[3] / "docs" / "expressions.md"


def row_of(function: Function) -> str:
    """One row of a table, its bars escaped."""
    names = ", ".join(f"`{name}`" for name in function.names)
    cells = (names, "; ".join(each.text for each in function.signatures), function.says)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


@pytest.mark.parametrize("group", GROUPS)
def test_the_page_lists_every_function_as_it_is(group):
    text = PAGE.read_text()
    section = text[text.index(f"### {group}") :].split("\n### ", 1)[0].split("\n## ", 1)[0]
    listed = [line for line in section.splitlines() if line.startswith("| `")]
    assert listed == [row_of(each) for each in GROUPS[group]]


def test_the_page_lists_every_cast_as_it_is():
    section = PAGE.read_text().split("## Casts", 1)[1]
    listed = [line for line in section.splitlines() if line.startswith("| ") and "→" in line]
    assert listed == [f"| {a} → {b} | {says} |" for (a, b), (_, says) in CASTS.items()]
