"""`bighead dead-letters`: the messages of a stream's topic that no feature set could take."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import click

from bighead.cli.output import verb

if TYPE_CHECKING:
    from bighead.resources.settings import Settings


@click.command("dead-letters")
@click.argument("stream")
@click.option("--from", "start", type=int, default=0, help="Position of the log to begin at.")
@click.option("--resend", is_flag=True, help="Take those that the definitions can take by now.")
@verb
def command(stream: str, start: int, resend: bool) -> dict[str, Any]:
    """Print a JSON line for each: reason, partition, offset, and key and value in base64.

    With --resend, after a definition was repaired, they are sent once more: what can be taken is, once by its id.
    While a serving tier writes the stream, POST /v1/streams/STREAM/dead-letters/resend does it there.
    """
    from bighead.resources.settings import Settings
    from bighead.resources.stream_dead_letters import dead_letters

    if resend:
        return _resend(Settings(), stream, start)
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


def _resend(settings: Settings, stream: str, start: int) -> dict[str, Any]:
    from bighead.resources.online_stores import open_online_store
    from bighead.resources.stream import Streams

    store = open_online_store(settings.online, settings.redis, settings.redis_prefix)
    streams = Streams(settings.online / "streams", store, settings.now_clock, settings.dedupe)
    try:
        receipt = streams.resend(stream, start)
    finally:
        streams.close()
        store.close()
    refused = [{"position": each.row, "reason": each.reason} for each in receipt.refused]
    taken = {"accepted": receipt.accepted, "duplicates": receipt.duplicates}
    return {"ok": True, "stream": stream, **taken, "refused": refused}


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
