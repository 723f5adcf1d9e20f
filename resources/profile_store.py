"""Profiles and notes as files beside the offline store: `<root>/<kind>/<name>/<partition>.msgpack`, `<what>.json`.

A file is written under another name and moved into its place, so a reader sees the old one or the new one. What
cannot be read counts as absent: profiles are made again from the rows.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import msgpack

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.naming import check_name
from bighead.pipeline_lib.profiles.profile import Profile

FOLDER = "profiles"
# Raised where the form changes: older files are then made again.
FORMAT = 2
_PARTITION = re.compile(r"[\w.:+-]+")


class FileProfileStore:
    """The embedded ProfileStore, under `<root>`: for an offline store's own, `<offline>/profiles`."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    @classmethod
    def beside(cls, offline: Path | str) -> FileProfileStore:
        """Return the profiles of the offline store in this folder."""
        return cls(Path(offline) / FOLDER)

    def write(self, kind: str, name: str, partition: str, stamp: str, profile: Profile) -> None:
        """Replace a partition's profile at once.

        Raises:
            DefinitionError: a partition's key that cannot name a file.
        """
        if not _PARTITION.fullmatch(partition) or partition.startswith("."):
            raise DefinitionError(
                f"{partition!r} cannot name a partition.", cure="Use letters, digits, -_.:+"
            )
        header = {"format": FORMAT, "stamp": stamp, "rows": profile.rows}
        _replace(
            self._folder(kind, name) / f"{partition}.msgpack",
            msgpack.packb(header) + msgpack.packb(profile.to_plain()),
        )

    def read(self, kind: str, name: str, partition: str) -> Profile | None:
        """Return a partition's profile; None where there is none that can be read."""
        try:
            data = (self._folder(kind, name) / f"{partition}.msgpack").read_bytes()
            header, plain = msgpack.Unpacker(BytesIO(data), strict_map_key=False)
            return Profile.from_plain(plain) if header["format"] == FORMAT else None
        except (OSError, ValueError, TypeError, KeyError, msgpack.UnpackException):
            return None

    def stamps(self, kind: str, name: str) -> dict[str, str]:
        """Return the stamp of each partition that has a profile, in order of their keys."""
        folder = self._folder(kind, name)
        found: dict[str, str] = {}
        for file in sorted(folder.glob("*.msgpack")) if folder.is_dir() else []:
            try:
                with file.open("rb") as stream:
                    header = msgpack.Unpacker(stream, read_size=256).unpack()
                if header["format"] == FORMAT:
                    found[file.stem] = str(header["stamp"])
            except (OSError, ValueError, TypeError, KeyError, msgpack.UnpackException):
                continue
        return found

    def forget(self, kind: str, name: str, partitions: Sequence[str]) -> None:
        """Drop the profiles of partitions that are no more; those there are not do not matter."""
        for each in partitions:
            (self._folder(kind, name) / f"{each}.msgpack").unlink(missing_ok=True)

    def note(self, kind: str, name: str, what: str, told: Mapping[str, Any]) -> None:
        """Replace a note at once."""
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        _replace(self._folder(kind, name) / f"{check_name('note', what)}.json", text.encode())

    def noted(self, kind: str, name: str, what: str) -> dict[str, Any]:
        """Return a note; an empty one where there is none that can be read."""
        try:
            told = json.loads((self._folder(kind, name) / f"{what}.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def _folder(self, kind: str, name: str) -> Path:
        return self.root / check_name("kind of profile", kind) / check_name("table", name)


def _replace(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        written.write_bytes(data)
        os.replace(written, file)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
