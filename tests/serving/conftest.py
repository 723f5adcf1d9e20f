"""A registry with a model whose artifacts are plain Python functions, and apps over it."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar.testing import TestClient

from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings
from bighead.serving.app import create_app, create_front
from bighead.serving.gateway.hosted import Hosted
from bighead.serving.gateway.signature import Column, Signature

sys.path.insert(0, str(Path(__file__).parent))
COLUMNS = [
    Column("distance", "float64", True),
    Column("seats", "int64", False),
    Column("carrier", "string", True),
    Column("direct", "bool", False),
]
GOOD = {"distance": 2475.5, "seats": 180, "carrier": "UA", "direct": True}


class Arithmetic:
    """A model that anyone can compute: distance / 10,000 + artifact, null distance counts as 0."""

    def __init__(self, number: int):
        self.number = number

    def predict_rows(self, rows):
        return [{"probability": (row["distance"] or 0.0) / 10_000 + self.number} for row in rows]


def load(model: str, number: int, location: str) -> Hosted:
    return Hosted(
        model,
        number,
        Arithmetic(number),
        Signature(COLUMNS),
        inputs=[c.name for c in COLUMNS],
        keys=["carrier"],
    )


def register(registry: RegistryStore, model: str, week: int) -> int:
    span = (datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 1, 1 + week, tzinfo=UTC))
    said = {"metrics": {}, "metadata": {}, "code_version": "1", "partition": str(week)}
    artifact = registry.register(
        model, content_hash=f"hash-{week}", location=f"/nowhere/{week}", data_interval=span, **said
    )
    registry.release(model, artifact.number)
    return artifact.number


@pytest.fixture
def add_artifact():
    """Return the function that registers and releases an artifact, and gives its number."""
    return register


@pytest.fixture
def registry(settings):
    opened = open_registry(settings)
    yield opened
    opened.close()


def open_registry(settings) -> RegistryStore:
    # `true` stands for the loader process: these artifacts are no bundles on disk.
    opened = RegistryStore(settings.registry_url, loader_command=("true",))
    opened.ensure_model("flight_late", "owner", "team", {})
    opened.promote("flight_late", register(opened, "flight_late", 1), actor="test", force=True)
    return opened


@pytest.fixture(scope="module", params=[create_app, create_front])
def shared_client(request, tmp_path_factory):
    """As `client`, one for all tests of a module: for those that leave nothing behind."""
    settings = Settings(home=tmp_path_factory.mktemp("shared"))
    open_registry(settings).close()
    with TestClient(request.param(settings, load=load)) as opened:
        wait_until_ready(opened)
        yield opened


@pytest.fixture(params=[create_app, create_front])
def client(request, settings, registry):
    """The app, with the short way for predictions before it and without."""
    with TestClient(request.param(settings.model_copy(update={"lease_seconds": 1.0}), load=load)) as opened:
        wait_until_ready(opened)
        yield opened


def wait_until_ready(client: TestClient, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < deadline, client.get("/health/ready").text
        time.sleep(0.02)
