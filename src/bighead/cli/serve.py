"""`bighead serve`: the serving tier alone."""

from __future__ import annotations

from typing import Any

import click

from bighead.cli.output import verb


@click.command("serve")
@click.option("--host", help="Address to listen on; default BIGHEAD_HOST.")
@click.option("--port", type=int, help="Port; 0 takes a free one; default BIGHEAD_PORT.")
@click.option("--kafka", help="Brokers whose topics feed the streams; default BIGHEAD_KAFKA.")
@verb
def command(host: str | None, port: int | None, kafka: str | None) -> dict[str, Any]:
    """Serve every active model until interrupted, then drain and stop."""
    from bighead.resources.settings import Settings
    from bighead.serving.run import main

    settings = Settings()
    chosen = {"host": host or settings.host, "port": settings.port if port is None else port}
    chosen["kafka"] = kafka or settings.kafka
    main(settings.model_copy(update=chosen))
    return {"ok": True, "stopped": True}
