"""Servers for the tests: a Redis, a PostgreSQL and a Kafka broker of their own, on free loopback ports."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_store import OnlineStore
from bighead.resources.redis_online_store import RedisOnlineStore

sys.path.insert(0, str(Path(__file__).parent))


def free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


@contextmanager
def server(arguments: list[str], folder: Path, ready: Callable[[], bool], seconds: float) -> Iterator[None]:
    """Run a server of the tests until it is ready, and stop it at the end."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(arguments, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + seconds
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{arguments[0]} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def redis_server(require_program, tmp_path_factory) -> Iterator[str]:
    """The URL of a Redis that holds nothing on disk."""
    program = require_program("redis-server", "apt-get install redis-server")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    client = redis.Redis(port=port)

    def ready() -> bool:
        try:
            return bool(client.ping())
        except redis.exceptions.RedisError:
            return False

    options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with server([program, "--port", str(port), *options], folder, ready, 20):
        yield f"redis://127.0.0.1:{port}/0"
    client.close()


@pytest.fixture
def redis_url(redis_server) -> str:
    """The URL of an empty Redis."""
    client = redis.Redis.from_url(redis_server)
    client.flushall()
    client.close()
    return redis_server


@pytest.fixture(params=["lmdb", "redis", "memory"])
def store(request, tmp_path) -> Iterator[OnlineStore]:
    """A store of each kind, and the oracle."""
    from memory_online_store import MemoryOnlineStore

    if request.param == "redis":
        opened = RedisOnlineStore(request.getfixturevalue("redis_url"))
    else:
        opened = LmdbOnlineStore(tmp_path) if request.param == "lmdb" else MemoryOnlineStore()
    yield opened
    opened.close()
