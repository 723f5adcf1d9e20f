"""A small world with an active artifact, made once and copied for each test that asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_world import World

collect_ignore = ["project_small"]


@pytest.fixture(scope="session")
def active_home(backfilled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a world whose model `buys` has artifact 1 active; its data end on 2024-01-15."""
    home = Path(shutil.copytree(backfilled_home, tmp_path_factory.mktemp("active") / "home"))
    with World.open(home) as world:
        assert world.train("buys", "2024-01-08").ok
        assert world.activate("buys", 1).ok
    return home


@pytest.fixture
def active_world(active_home: Path, tmp_path: Path) -> Iterator[World]:
    """A copy of the world with an active artifact."""
    home = Path(shutil.copytree(active_home, tmp_path / "home"))
    with World.open(home) as world:
        yield world
