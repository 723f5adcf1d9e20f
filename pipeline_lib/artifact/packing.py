"""A bundle as a single file: a ZIP of exactly the files that its manifest lists, none of them compressed.

One file is easier to send than a folder; it holds the same bytes, so it has the same content hash and seal.
Whoever made it is not believed: nothing is written, and nothing is given memory, before name, kind and size of each
entry are what the manifest says. So there is no way out of the folder (zip slip), no
link, no entry twice, and nothing that decompresses.
"""

from __future__ import annotations

import io
import os
import stat
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path

from bighead.pipeline_lib.artifact.files import (
    MANIFEST,
    MOST_BYTES,
    check_content,
    inside,
    read_folder,
    write_bundle,
)
from bighead.pipeline_lib.artifact.manifest import RESTORE, FileEntry, Manifest
from bighead.pipeline_lib.errors import ArtifactError, TamperedArtifactError

_MOST_MANIFEST_BYTES = 64 << 20
_MOST_ENTRIES = 100_000
# ZIP knows no time before; a time of its own would make equal bundles unequal files.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(folder: str | Path, file: str | Path) -> Path:
    """Write a bundle as a single file, which appears whole or not at all; equal bundles give equal files.

    Args:
        folder: The bundle, as `save` wrote it; every byte is checked.
        file: Where to, by custom `*.bighead`; it must not be there yet.

    Raises:
        ArtifactError: there is no bundle, or the file is there already.
        TamperedArtifactError: the bundle is not what was saved.
    """
    target = Path(file)
    if target.exists():
        raise ArtifactError(
            f"{target} is there already.", cure="A bundle is never overwritten; name another."
        )
    text, _, files = read_folder(Path(folder))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, content in {MANIFEST: text, **dict(sorted(files.items()))}.items():
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, content)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f".{target.name}.{uuid.uuid4().hex}"
    try:
        with partial.open("wb") as written:
            written.write(buffer.getbuffer())
            written.flush()
            os.fsync(written.fileno())
        # A link fails where a rename would replace what somebody else has just written.
        os.link(partial, target)
    except FileExistsError as error:
        raise ArtifactError(f"{target} is there already.", cure="Name another.") from error
    finally:
        partial.unlink(missing_ok=True)
    return target


def unpack(file: str | Path, folder: str | Path) -> Path:
    """Write the files of a single-file bundle into a new folder; all is checked before anything is written.

    Raises:
        ArtifactError: no such file, or the folder holds something already.
        TamperedArtifactError: the file is not what was packed.
    """
    target = Path(folder)
    text, _, files = read_packed(Path(file))
    for path in files:
        inside(target, path)
    write_bundle(target, {**files, MANIFEST: text})
    return target


def read_packed(file: Path) -> tuple[bytes, Manifest, dict[str, bytes]]:
    """Return the manifest's bytes, the manifest, and each file that it lists, checked.

    Raises:
        ArtifactError: no such file.
        TamperedArtifactError: it is not what was packed.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _entries(file, archive.infolist())
            if MANIFEST not in entries:
                raise TamperedArtifactError(f"{file} holds no {MANIFEST}.", cure=RESTORE)
            text = archive.read(entries.pop(MANIFEST))
            manifest = Manifest.from_json(text)
            _check_listed(file, entries, manifest.files)
            files = {path: archive.read(entries[path]) for path in manifest.files}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        raise TamperedArtifactError(f"{file} is no packed bundle: {error}.", cure=RESTORE) from error
    except OSError as error:
        raise ArtifactError(f"{file} cannot be read: {error}.", cure="Name a packed bundle.") from error
    for path, content in files.items():
        check_content(file, path, content, manifest.files[path])
    return text, manifest, files


def _entries(file: Path, listed: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The entries by name; each a plain file that is stored as it is."""
    # Entries may share bytes: together they are then larger than the file.
    if len(listed) > _MOST_ENTRIES or sum(entry.file_size for entry in listed) > file.stat().st_size:
        raise TamperedArtifactError(f"{file} holds {len(listed)} files, more than fit into it.", cure=RESTORE)
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        mode = entry.external_attr >> 16
        # What a name was before the reader of ZIP mended it tells what somebody wanted.
        reason = (
            "twice"
            if entry.filename in found
            else "that leads elsewhere"
            if entry.orig_filename != entry.filename or not _plain(entry.filename)
            else "that is no plain file"
            if entry.is_dir() or stat.S_IFMT(mode) not in (0, stat.S_IFREG)
            else "compressed or encrypted"
            if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1
            else "of another size than it has"
            if entry.compress_size != entry.file_size
            else "that is too large"
            if entry.file_size > (_MOST_MANIFEST_BYTES if entry.filename == MANIFEST else MOST_BYTES)
            else ""
        )
        if reason:
            raise TamperedArtifactError(f"{file} holds {entry.orig_filename!r} {reason}.", cure=RESTORE)
        found[entry.filename] = entry
    return found


def _plain(path: str) -> bool:
    parts = path.split("/")
    return not ({"", ".", ".."} & set(parts) or "\\" in path or "\0" in path or ":" in parts[0])


def _check_listed(file: Path, entries: dict[str, zipfile.ZipInfo], expected: Mapping[str, FileEntry]) -> None:
    """Refuse files that the manifest does not list, lacks, or lists with another size."""
    odd = sorted(set(entries) ^ set(expected))
    odd += [
        path
        for path in sorted(set(entries) & set(expected))
        if entries[path].file_size != expected[path].size
    ]
    if odd:
        raise TamperedArtifactError(
            f"{file} and its manifest differ in {', '.join(map(repr, odd[:5]))}.", cure=RESTORE
        )
