"""`bighead dev`: the Dagster UI, its daemon and the serving tier together."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from bighead.cli.output import verb
from bighead.cli.progress import step
from bighead.pipeline_lib.errors import DefinitionError


@click.command("dev")
@click.option(
    "--with", "twins", default="", help="Servers to start too, of: redis, kafka. As --with redis,kafka"
)
@verb
def command(twins: str) -> dict[str, Any]:
    """Start everything, print the links and wait for Ctrl-C."""
    from bighead.cli.services import dagster_ui, serving_tier
    from bighead.cli.twins import chosen, twin
    from bighead.resources.settings import Settings

    settings = Settings()
    with ExitStack() as running:
        for name in chosen(twins):
            with step(name) as tell:
                setting, address = running.enter_context(twin(name, settings.root))
                settings = settings.model_copy(update={setting: address})
                tell(f"BIGHEAD_{setting.upper()}={address}")
        with step("serving tier") as tell:
            url = running.enter_context(serving_tier(settings))
            tell(url)
        with step("Dagster UI and daemon") as tell:
            ui = running.enter_context(dagster_ui(settings, workspace()))
            tell(ui)
        show_links(url, ui)
        wait_for_interrupt()
    return {"ok": True, "stopped": True}


def show_links(url: str, ui: str) -> None:
    """Print where to look."""
    click.echo(f"\n  models and pages   {url}\n  Dagster UI         {ui}\n\n  Ctrl-C stops both.", err=True)


def workspace() -> Path:
    """Return the nearest folder upwards that holds a workspace.yaml.

    Raises:
        DefinitionError: there is none.
    """
    here = Path.cwd()
    for folder in [here, *here.parents, Path(__file__).absolute().parents[3]]:
        if (folder / "workspace.yaml").is_file():
            return folder
    raise DefinitionError(
        f"no workspace.yaml in {here} or above.", cure="Write a project with: bighead init NAME"
    )


def wait_for_interrupt() -> None:
    """Return when the person presses Ctrl-C or the process is asked to stop."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        click.echo("", err=True)
