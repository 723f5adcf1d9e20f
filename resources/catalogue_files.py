"""Published definitions beside the offline store: `<offline>/catalogue/<project>.json`, replaced at once."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from bighead.pipeline_lib.features.published import Published
from bighead.pipeline_lib.project import Project

FOLDER = "catalogue"


def publish(offline: Path, project: Project) -> None:
    """Publish a project's definitions; unchanged ones are left as they are."""
    file = Path(offline) / FOLDER / f"{project.name}.json"
    text = json.dumps(Published.of(project).to_plain(), ensure_ascii=False, separators=(",", ":"))
    data = text.encode()
    if file.exists() and file.read_bytes() == data:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        written.write_bytes(data)
        os.replace(written, file)
    finally:
        written.unlink(missing_ok=True)


def read_published(offline: Path) -> tuple[Published, ...]:
    """Return what projects published, by name; a file that cannot be read is left out."""
    folder = Path(offline) / FOLDER
    found = []
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            found.append(Published.from_plain(json.loads(file.read_bytes())))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return tuple(found)
