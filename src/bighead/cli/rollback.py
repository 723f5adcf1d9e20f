"""`bighead rollback`: make an earlier artifact active again."""

from __future__ import annotations

import getpass
from typing import Any

import click

from bighead.cli.output import verb
from bighead.cli.progress import step


@click.command("rollback")
@click.argument("model")
@click.option("--to", type=int, help="An artifact's number; default: the one active before.")
@click.option("--reason", default="", help="Kept in the history.")
@verb
def command(model: str, to: int | None, reason: str) -> dict[str, Any]:
    """Make the artifact that was active before, or --to, the active one of MODEL."""
    from bighead.resources.registry_store import RegistryStore
    from bighead.resources.settings import Settings

    settings = Settings()
    store = RegistryStore(settings.registry_url, clock=settings.now_clock)
    with step(f"roll back {model}"):
        done = store.rollback(model, actor=getpass.getuser(), reason=reason, to=to)
    active = store.active(model)
    return {
        "ok": True,
        "model": model,
        "artifact": active.number if active else None,
        "status": done.status,
        "gateways": list(done.gateways),
    }
