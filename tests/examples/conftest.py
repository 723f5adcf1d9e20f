"""The flights project's tables, written once for all of its tests."""

import sys
from pathlib import Path

import polars as pl
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
if str(EXAMPLES) not in sys.path:
    sys.path.insert(0, str(EXAMPLES))


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from flights import data

    folder = tmp_path_factory.mktemp("warehouse")
    data.prepare(folder)
    return folder


@pytest.fixture(scope="session")
def raw_flights() -> pl.DataFrame:
    from flights import data

    return data.read_flights()
