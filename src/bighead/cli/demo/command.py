"""The verb itself: an empty home of its own, the journey, then links or one JSON summary."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from bighead.cli.output import verb
from bighead.pipeline_lib.errors import DefinitionError

MARK = ".bighead-demo"


@click.command("demo")
@click.option("--once", is_flag=True, help="Check every step and exit instead of leaving the servers up.")
@verb
def command(once: bool) -> dict[str, Any]:
    """Run the nine steps on the flights of New York in 2013; about four minutes, no server or Docker needed.

    Everything is kept under BIGHEAD_HOME/demo, which is emptied first.
    """
    from bighead.cli.demo.journey import WEIGHTS, Journey
    from bighead.cli.demo.memory import PeakMemory
    from bighead.cli.dev import show_links, wait_for_interrupt, workspace
    from bighead.cli.progress import steps
    from bighead.cli.services import dagster_ui
    from bighead.cli.test import checkout
    from bighead.resources.settings import Settings

    base = Settings()
    home = empty(base.root / "demo")
    settings = base.model_copy(update={"home": home, "project": checkout() / "examples" / "flights"})
    started = time.perf_counter()
    with ExitStack() as running, PeakMemory() as memory:
        with steps("demo", WEIGHTS) as shown:
            journey = Journey(settings, running, shown)
            url = journey.run()
        summary = journey.summary() | {
            "seconds": round(time.perf_counter() - started, 1),
            "peak_memory_mb": memory.peak_mb,
        }
        if not once:
            ui = running.enter_context(dagster_ui(journey.final_settings, workspace()))
            show_links(url, ui)
            wait_for_interrupt()
    return summary


def empty(folder: Path) -> Path:
    """Return the folder, emptied if an earlier demo made it.

    Raises:
        DefinitionError: it holds what no demo wrote.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise DefinitionError(
            f"{folder} holds files that no demo wrote.", cure="Set BIGHEAD_HOME to another folder."
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder
