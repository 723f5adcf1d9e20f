"""`bighead consume`: Kafka topics into streams, in a process of its own."""

from __future__ import annotations

import sys
from typing import Any

import click

from bighead.cli.output import verb
from bighead.pipeline_lib.errors import DefinitionError


@click.command("consume")
@click.option("--kafka", help="Brokers, as host:port,host:port; default BIGHEAD_KAFKA.")
@verb
def command(kafka: str | None) -> dict[str, Any]:
    """Read the topics that the uploaded feature sets name, until interrupted.

    Each topic feeds the stream of its name. One process writes a stream: a second one stands by, and so does a
    serving tier with BIGHEAD_KAFKA.
    """
    import structlog

    from bighead.cli.dev import wait_for_interrupt
    from bighead.resources.kafka_source import KafkaSource
    from bighead.resources.online_stores import open_online_store
    from bighead.resources.settings import Settings
    from bighead.resources.stream import Streams

    # What is printed is the answer; the program that reads it must not find lines of the log before it.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    settings = Settings()
    if not (servers := kafka or settings.kafka):
        raise DefinitionError("no brokers are named.", cure="Say --kafka host:9092, or set BIGHEAD_KAFKA.")
    store = open_online_store(settings.online, settings.redis, settings.redis_prefix)
    streams = Streams(settings.online / "streams", store, settings.now_clock, settings.dedupe)
    source = KafkaSource(servers, streams)
    try:
        source.start()
        click.echo(f"reading {servers}; Ctrl-C stops", err=True)
        wait_for_interrupt()
    finally:
        source.stop()
        streams.close()
        counts = {name: streams.consumed(name) for name in streams.names()}
        store.close()
    return {
        "ok": True,
        "consumed": {name: sum(each.total for each in parts.values()) for name, parts in counts.items()},
        "dead": {name: sum(each.dead for each in parts.values()) for name, parts in counts.items()},
    }
