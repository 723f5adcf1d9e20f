"""The servers that `bighead dev --with` starts: a Redis and a Kafka broker, over folders under home."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bighead.cli.kafka_broker import VERSION, fetch, free_port, kafka_broker, listens
from bighead.cli.services import child
from bighead.pipeline_lib.errors import StoreError, UnknownNameError

TWINS = ("redis", "kafka")
_PATIENCE_SECONDS = 20


def chosen(text: str) -> list[str]:
    """Return the names in a list such as `redis,kafka`.

    >>> chosen("redis, kafka")
    ['redis', 'kafka']

    Raises:
        UnknownNameError: nothing of that name can be started.
    """
    names = [name for each in text.split(",") if (name := each.strip())]
    for name in names:
        if name not in TWINS:
            raise UnknownNameError("server", name, TWINS)
    return list(dict.fromkeys(names))


@contextmanager
def twin(name: str, home: Path) -> Iterator[tuple[str, str]]:
    """Run a server over a folder under `home`; yield the setting that names it, and its address.

    Raises:
        StoreError: its program is missing, with how to get it, or it did not start.
    """
    folder = home / "services"
    if name == "redis":
        with redis_server(folder / "redis") as address:
            yield "redis", address
    else:
        jars = fetch(folder / f"kafka-{VERSION}")
        with kafka_broker(jars, folder / "kafka", free_port()) as address:
            yield "kafka", address


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps its state in `folder`, and yield its URL.

    Raises:
        StoreError: redis-server is missing or did not start.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise StoreError("redis-server is missing.", cure="Get it with: apt-get install redis-server")
    folder.mkdir(parents=True, exist_ok=True)
    port, log = free_port(), folder / "redis.log"
    options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--appendonly", "yes"]
    with child([program, *options], dict(os.environ), log) as process:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if listens(port):
                yield f"redis://127.0.0.1:{port}/0"
                return
            time.sleep(0.05)
        raise StoreError("Redis did not start.", cure=f"Its log is {log}.")
