"""`bighead dead-letters`: the messages of a stream's topic that no feature set could take."""

from __future__ import annotations

import base64
import json
from typing import Any

import click

from bighead.cli.output import verb


@click.command("dead-letters")
@click.argument("stream")
@click.option("--from", "start", type=int, default=0, help="Position of the log to begin at.")
@verb
def command(stream: str, start: int) -> dict[str, Any]:
    """Print a JSON line for each: reason, partition, offset, and key and value in base64."""
    from bighead.resources.settings import Settings
    from bighead.resources.stream_dead_letters import dead_letters

    letters = dead_letters(Settings().online / "streams", stream, start)
    for letter in letters:
        line = {
            "reason": letter.reason,
            "partition": letter.partition,
            "offset": letter.offset,
            "position": letter.position,
            "arrived": letter.arrived,
            "key": _text(letter.key),
            "value": _text(letter.value),
        }
        click.echo(json.dumps(line))
    return {"ok": True, "stream": stream, "dead": len(letters)}


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
