"""Servers for the tests: a Redis, a PostgreSQL and a Kafka broker of their own, on free loopback ports."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from bighead.cli.kafka_broker import VERSION, fetch, free_port, kafka_broker
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_store import OnlineStore
from bighead.resources.redis_online_store import RedisOnlineStore

sys.path.insert(0, str(Path(__file__).parent))
from spark_joiner import Joiner


@contextmanager
def server(
    arguments: list[str],
    folder: Path,
    ready: Callable[[], bool],
    seconds: float,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
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
        process.send_signal(stop)
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


@pytest.fixture(params=["lmdb", "redis"])
def kept_store(request, tmp_path) -> Iterator[OnlineStore]:
    """A store of each kind that keeps rows beyond the process."""
    if request.param == "redis":
        opened: OnlineStore = RedisOnlineStore(request.getfixturevalue("redis_url"))
    else:
        opened = LmdbOnlineStore(tmp_path / "online")
    yield opened
    opened.close()


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


@pytest.fixture(scope="session")
def postgres_server(require_program) -> Iterator[str]:
    """The URL of a PostgreSQL of its own, without a database's name."""
    how = "apt-get install postgresql"
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(kept[-1]) if kept else require_program("initdb", how)
    port, data = free_port(), Path(tempfile.mkdtemp(prefix="bighead-postgres-"))
    # PostgreSQL refuses to run as root; Debian's package brings a user for it.
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
        owner = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        as_user = [require_program("setpriv", "apt-get install util-linux"), *owner]
    subprocess.run(
        [
            *as_user,
            initdb,
            "-D",
            str(data / "data"),
            "-U",
            "bighead",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        cwd="/",
    )
    options = {"unix_socket_directories": "", "listen_addresses": "127.0.0.1", "fsync": "off"}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    program = str(Path(initdb).with_name("postgres"))
    arguments = [*as_user, program, "-D", str(data / "data"), "-p", str(port), *settings]
    url = f"postgresql://bighead@127.0.0.1:{port}"

    def ready() -> bool:
        try:
            psycopg.connect(f"{url}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    try:
        with server(arguments, data, ready, 30, stop=signal.SIGINT):
            yield url
    finally:
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def registry_url(request, tmp_path) -> str:
    """The URL of an empty registry in SQLite, and of one in PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'registry.sqlite'}"
    url, name = request.getfixturevalue("postgres_server"), f"r{secrets.token_hex(6)}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{url}/{name}"


@pytest.fixture(scope="session")
def kafka_jars(require_program) -> Path:
    """The broker's jars, kept in the checkout's .tools."""
    require_program("java", "apt-get install openjdk-17-jre-headless")
    require_program("mvn", "apt-get install maven")
    return fetch(Path(__file__).parents[2] / ".tools" / f"kafka-{VERSION}")


@pytest.fixture(scope="session")
def kafka_server(kafka_jars, tmp_path_factory) -> Iterator[str]:
    """The address of a real broker."""
    with kafka_broker(kafka_jars, tmp_path_factory.mktemp("kafka"), free_port()) as address:
        yield address


@pytest.fixture
def joiner(spark, tmp_path: Path) -> Joiner:
    """What joins frames by Spark."""
    return Joiner(spark, tmp_path)
