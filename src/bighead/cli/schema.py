"""`bighead schema`: the JSON schema with which an editor completes and checks feature sets in YAML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bighead.cli.output import verb

NAME = "feature_set.schema.json"


@click.command("schema")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@verb
def command(folder: Path) -> dict[str, Any]:
    """Write the schema into FOLDER, by default here; the first line of a YAML file then names it."""
    from bighead.pipeline_lib.features.json_schema import feature_set_schema

    target = folder / NAME
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(feature_set_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return {"ok": True, "schema": str(target), "first line": f"# yaml-language-server: $schema={NAME}"}
