"""Files of a bundle: written under a new folder and renamed, read only inside it and only with the right hash."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from bighead.pipeline_lib.artifact.manifest import RESTORE, FileEntry, Manifest
from bighead.pipeline_lib.errors import ArtifactError, TamperedArtifactError

MANIFEST = "manifest.json"
MOST_BYTES = 8 << 30


def write_bundle(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by path; the folder appears whole or not at all.

    Raises:
        ArtifactError: the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArtifactError(
            f"{folder} holds something already.", cure="A bundle is never overwritten; name another."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.parent / f".{folder.name}.{uuid.uuid4().hex}"
    try:
        for path, content in files.items():
            target = partial / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def read_manifest(folder: Path) -> bytes:
    """Return the manifest's bytes.

    Raises:
        ArtifactError: there is none.
    """
    try:
        return inside(folder, MANIFEST).read_bytes()
    except OSError as error:
        raise ArtifactError(f"{folder} holds no {MANIFEST}.", cure="Name a bundle's folder.") from error


def read_folder(folder: Path) -> tuple[bytes, Manifest, dict[str, bytes]]:
    """Return the manifest's bytes, the manifest, and each file that it lists, checked.

    Raises:
        ArtifactError: no bundle, or one of another format.
        TamperedArtifactError: it is not what was saved.
    """
    text = read_manifest(folder)
    manifest = Manifest.from_json(text)
    return text, manifest, {path: read_checked(folder, path, entry) for path, entry in manifest.files.items()}


def read_checked(folder: Path, path: str, entry: FileEntry) -> bytes:
    """Return a listed file's bytes.

    Raises:
        TamperedArtifactError: it is missing, longer or shorter, of another hash, or outside the folder.
    """
    file = inside(folder, path)
    try:
        size = file.stat().st_size
        content = file.read_bytes() if size == entry.size <= MOST_BYTES else None
    except OSError as error:
        raise TamperedArtifactError(f"{path} of {folder} cannot be read: {error}.", cure=RESTORE) from error
    if content is None:
        raise TamperedArtifactError(
            f"{path} of {folder} has {size} bytes, expected {entry.size}.", cure=RESTORE
        )
    check_content(folder, path, content, entry)
    return content


def check_content(bundle: Path, path: str, content: bytes, entry: FileEntry) -> None:
    """Refuse bytes that are not those that were listed.

    Raises:
        TamperedArtifactError: their size or hash differs.
    """
    if FileEntry.of(content) != entry:
        raise TamperedArtifactError(
            f"{path} of {bundle} is not what was saved: its hash differs.", cure=RESTORE
        )


def inside(folder: Path, path: str) -> Path:
    """Return a path below the folder.

    Raises:
        TamperedArtifactError: it leads elsewhere, by name or through a link.
    """
    parts = PurePosixPath(path).parts
    plain = (
        bool(parts)
        and not path.startswith("/")
        and ".." not in parts
        and "\\" not in path
        and "\0" not in path
    )
    root = folder.resolve()
    if not plain or not (root / path).resolve().is_relative_to(root):
        raise TamperedArtifactError(f"the bundle {folder} names {path!r}, outside of it.", cure=RESTORE)
    return root / path
