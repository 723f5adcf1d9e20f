"""`bighead promote`: make a released artifact the active one, if its gates passed."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import click

from bighead.cli.output import verb
from bighead.cli.progress import step

if TYPE_CHECKING:
    from bighead.resources.registry_store import RegistryStore


@click.command("promote")
@click.argument("model")
@click.argument("artifact", type=int, required=False)
@click.option("--reason", default="", help="Kept in the history.")
@click.option("--force", is_flag=True, help="Promote in spite of a failed gate or older data; audited.")
@verb
def command(model: str, artifact: int | None, reason: str, force: bool) -> dict[str, Any]:
    """Make ARTIFACT of MODEL active; without a number, the newest released one.

    Returns when every live gateway serves it, or names those that do not.
    """
    from bighead.resources.registry_store import RegistryStore
    from bighead.resources.settings import Settings

    settings = Settings()
    store = RegistryStore(settings.registry_url, clock=settings.now_clock)
    number = artifact if artifact is not None else _newest_release(store, model)
    with step(f"promote {model} artifact {number}"):
        done = store.promote(model, number, actor=getpass.getuser(), reason=reason, force=force)
    return {
        "ok": True,
        "model": model,
        "artifact": number,
        "status": done.status,
        "gateways": list(done.gateways),
    }


def _newest_release(store: RegistryStore, model: str) -> int:
    from bighead.pipeline_lib.errors import RegistryError

    released = [artifact.number for artifact in store.artifacts(model) if artifact.released]
    if not released:
        raise RegistryError(f"{model!r} has no released artifact.", cure=f"Train one: bighead train {model}")
    return max(released)
