"""What all tests share: a home of their own, a small world whose features are there, and programs to be had."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from bighead.resources.settings import Settings

sys.path.insert(0, str(Path(__file__).parent / "assets"))
if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from small_world import World

# A machine under load is slow now and then; that is no finding.
hypothesis_settings.register_profile("test", deadline=None)
hypothesis_settings.register_profile("proof", deadline=None, max_examples=2_000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose home is this test's own folder."""
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def require_program() -> Callable[[str, str], str]:
    """Return the path of a program, or skip saying how to get it; where CI is set, its absence fails."""

    def require(name: str, how: str) -> str:
        found = shutil.which(name)
        if found is None and os.environ.get("CI"):
            pytest.fail(f"{name} is missing, and CI is set: {how}", pytrace=False)
        if found is None:
            pytest.skip(f"{name} is missing; get it with: {how}")
        return found

    return require


@pytest.fixture(scope="session")
def spark(require_program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The one Spark session of all tests: two cores, few partitions, no UI, a Hive catalogue in memory."""
    require_program("java", "apt-get install openjdk-17-jre-headless")
    from bighead.resources.spark_session import open_session, spark_conf

    folder = tmp_path_factory.mktemp("spark")
    session = open_session(
        {
            **spark_conf(None, "local[2]"),
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.sql.catalogImplementation": "hive",
            "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:bighead;create=true",
            "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
            "spark.local.dir": str(folder / "local"),
            "spark.log.level": "ERROR",
        }
    )
    yield session
    session.stop()


# The fixtures of the small world import it themselves: most tests need no Dagster.
@pytest.fixture(scope="session")
def backfilled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a world with features and training set, made once."""
    from small_world import World

    home = tmp_path_factory.mktemp("small") / "home"
    with World.open(home) as world:
        world.backfill()
    return home


@pytest.fixture
def world(backfilled_home: Path, tmp_path: Path) -> Iterator[World]:
    """A copy of the backfilled world: what a test does to it stays in the test."""
    from small_world import World

    home = Path(shutil.copytree(backfilled_home, tmp_path / "home"))
    with World.open(home) as world:
        yield world


@pytest.fixture
def empty_world(tmp_path: Path) -> Iterator[World]:
    """A world whose warehouse is filled and in which nothing ran."""
    from small_world import World

    with World.open(tmp_path / "home") as world:
        assert world.project.prepare is not None
        world.project.prepare(world.settings.warehouse)
        yield world
