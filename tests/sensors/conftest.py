"""A world whose features are backfilled, made once and copied for each test that asks for it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "assets"))

from small_world import World


@pytest.fixture(scope="session")
def backfilled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a world with features and training set."""
    home = tmp_path_factory.mktemp("small") / "home"
    with World.open(home) as world:
        world.backfill()
    return home


@pytest.fixture
def world(backfilled_home: Path, tmp_path: Path) -> Iterator[World]:
    """A copy of the backfilled world: what a test does to it stays in the test."""
    home = Path(shutil.copytree(backfilled_home, tmp_path / "home"))
    with World.open(home) as world:
        yield world


@pytest.fixture
def empty_world(tmp_path: Path) -> Iterator[World]:
    """A world whose warehouse is filled and in which nothing ran."""
    with World.open(tmp_path / "home") as world:
        assert world.project.prepare is not None
        world.project.prepare(world.settings.warehouse)
        yield world
