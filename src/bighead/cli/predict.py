"""`bighead predict`: ask the serving tier, by keys alone or with all inputs."""

from __future__ import annotations

import json
from typing import Any

import click

from bighead.cli.output import verb
from bighead.pipeline_lib.errors import DefinitionError, StoreError


@click.command("predict")
@click.argument("model")
@click.argument("pairs", nargs=-1)
@click.option("--rows", help='Rows as JSON, e.g. \'[{"origin": "JFK"}]\', instead of pairs.')
@click.option("--at", help="The instant the question is asked, UTC; default: the server's clock.")
@click.option("--msgpack", "as_msgpack", is_flag=True, help="Ask in MessagePack instead of JSON.")
@click.option("--url", help="The serving tier; default: the one that was started from this home.")
@verb
def command(
    model: str, pairs: tuple[str, ...], rows: str | None, at: str | None, as_msgpack: bool, url: str | None
) -> dict[str, Any]:
    """Ask MODEL for a prediction, with keys as PAIRS: origin=JFK carrier=B6."""
    from bighead.client import Client

    asked = json.loads(rows) if rows else [dict(_pair(text) for text in pairs)]
    client = Client(url or running_url(), msgpack=as_msgpack)
    return client.predict(model, rows=asked, at=at)


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise DefinitionError(f"{text!r} is no pair.", cure="Write each as name=value.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def running_url() -> str:
    """Return the URL that the serving tier of this home wrote down when it started.

    Raises:
        StoreError: none was started.
    """
    from bighead.resources.settings import Settings

    address = Settings().root / "serving.json"
    if not address.exists():
        raise StoreError("no serving tier was started from this home.", cure="Start one: bighead serve")
    return str(json.loads(address.read_text())["url"])
