"""Dead letters: what a stream's log keeps of messages that no feature set could take."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from bighead.resources.segment_log import SegmentReader
from bighead.resources.stream_records import DeadLetter, dead_letter, decode


def log_folder(folder: Path, stream: str) -> Path:
    """Return where the log of a stream is, of those under a folder."""
    return folder / (quote(stream, safe="") or "_")


def dead_letters(folder: Path, stream: str, start: int = 0) -> list[DeadLetter]:
    """Return the dead letters of a stream whose log is under `folder`, while another process may write it."""
    records = SegmentReader(log_folder(folder, stream)).read(start)
    letters = (dead_letter(position, decode(data)) for position, data in records)
    return [letter for letter in letters if letter is not None]
