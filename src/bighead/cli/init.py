"""`bighead init NAME`: a new project folder, small and complete, that runs as it stands."""

from __future__ import annotations

import importlib.resources
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bighead.cli.output import verb
from bighead.pipeline_lib.errors import DefinitionError

TEMPLATE = "project_template"


@click.command("init")
@click.argument("name")
@click.option("--into", type=click.Path(path_type=Path), default=Path(), help="The folder to write it in.")
@verb
def command(name: str, into: Path) -> dict[str, Any]:
    """Write the project folder NAME: events, a feature set, a training set, a model, definitions for Dagster."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise DefinitionError(f"{name!r} cannot name a project.", cure="Use a-z, 0-9 and _, a letter first.")
    folder = into / name
    if folder.exists() and any(folder.iterdir()):
        raise DefinitionError(f"{folder} exists and is not empty.", cure="Choose another name.")
    folder.mkdir(parents=True, exist_ok=True)
    # The example's made-up events fill the ten weeks before today, so that its weeks can be trained at once.
    start = (datetime.now(UTC).date() - timedelta(days=70)).isoformat()
    written = []
    template = importlib.resources.files("bighead.cli").joinpath(TEMPLATE)
    for source in sorted(template.iterdir(), key=lambda file: file.name):
        if source.name.endswith(".txt"):
            target = folder / source.name.removesuffix(".txt")
            target.write_text(source.read_text().replace("{{name}}", name).replace("{{start}}", start))
            written.append(str(target))
    return {"ok": True, "project": name, "files": written, "next": f"BIGHEAD_PROJECT={folder} bighead dev"}
