"""An append-only log of records in segment files: acknowledged means fsynced.

Positions count records from 0. A segment file is named by the position of its first record. One process
writes a log at a time (a lock file holds it); any number read it, while it is written too.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from bighead.pipeline_lib.errors import ConflictError, CorruptLogError, StoreError
from bighead.resources.segment_frames import Frame, decode_frame, encode_frame, good_frame_after, records_of

_SEGMENT_BYTES = 64 * 1024 * 1024


class SegmentReader:
    """Reads a log in `folder`, which another process may be writing; a missing folder is an empty log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def segments(self) -> list[tuple[int, Path]]:
        """Return (first position, file) of each segment, in order."""
        return sorted((int(path.stem), path) for path in self.folder.glob("*.segment"))

    def read(self, from_position: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (position, record) from `from_position` on, up to the last whole batch.

        Raises:
            CorruptLogError: bytes before the log's tail do not match their checksum.
        """
        segments = self.segments()
        for index, (first, path) in enumerate(segments):
            last = index == len(segments) - 1
            if not last and segments[index + 1][0] <= from_position:
                continue
            position = first
            for frame in _frames(path, last):
                if position + frame.records > from_position:
                    for number, record in enumerate(records_of(frame), position):
                        if number >= from_position:
                            yield number, record
                position += frame.records
            following = position if last else segments[index + 1][0]
            if position != following:
                raise CorruptLogError(
                    f"{path} ends at position {position}, and the next segment starts at {following}.",
                    cure="A segment is missing or was cut; restore it from a copy.",
                )

    def end(self) -> int:
        """Return the position that the next record will get."""
        segments = self.segments()
        if not segments:
            return 0
        first, path = segments[-1]
        return first + sum(frame.records for frame in _frames(path, last=True))


@dataclass
class _Ticket:
    records: Sequence[bytes]
    first: int = -1
    error: OSError | None = None
    done: bool = field(default=False)


class SegmentLog(SegmentReader):
    """The writer of a log; a torn last batch, which nobody was told about, is cut off when it opens.

    Raises:
        ConflictError: another process writes this log.
        CorruptLogError: a bad batch lies before a good one.
    """

    def __init__(self, folder: Path, segment_bytes: int = _SEGMENT_BYTES) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._segment_bytes = segment_bytes
        self._lock_file = _take_lock(folder)
        try:
            self._recover()
        except BaseException:
            os.close(self._lock_file)
            raise
        self._waiting: list[_Ticket] = []
        self._queueing = threading.Lock()
        self._writing = threading.Lock()

    def _recover(self) -> None:
        segments = self.segments()
        first, path = segments[-1] if segments else (0, self.folder / _name(0))
        self._next, self._size = first, 0
        if segments:
            for frame in _frames(path, last=True):
                self._next += frame.records
                self._size = frame.end
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if os.fstat(self._file).st_size > self._size:
            os.ftruncate(self._file, self._size)
            os.fsync(self._file)
        _sync_folder(self.folder)

    def end(self) -> int:
        """Return the position that the next record will get."""
        return self._next

    def append(self, records: Sequence[bytes]) -> int:
        """Write records, fsync, return the first one's position; callers that wait together share one fsync.

        Raises:
            StoreError: the disk did not take them; none of them is in the log.
        """
        if not records:
            return self._next
        ticket = _Ticket(records)
        with self._queueing:
            self._waiting.append(ticket)
        with self._writing:
            if not ticket.done:
                with self._queueing:
                    batch, self._waiting = self._waiting, []
                self._write(batch)
        if ticket.error is not None:
            raise StoreError(
                f"the log {self.folder} took nothing: {ticket.error}.", cure="Make room on the disk."
            ) from ticket.error
        return ticket.first

    def _write(self, batch: list[_Ticket]) -> None:
        records = [record for ticket in batch for record in ticket.records]
        try:
            if self._size >= self._segment_bytes:
                self._roll()
            frame = encode_frame(records)
            try:
                _write_all(self._file, frame, self._size)
                os.fsync(self._file)
            except OSError:
                os.ftruncate(self._file, self._size)
                raise
        except OSError as error:
            for ticket in batch:
                ticket.error, ticket.done = error, True
            return
        for ticket in batch:
            ticket.first, ticket.done = self._next, True
            self._next += len(ticket.records)
        self._size += len(frame)

    def _roll(self) -> None:
        opened = os.open(self.folder / _name(self._next), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        os.close(self._file)
        self._file, self._size = opened, 0
        _sync_folder(self.folder)

    def close(self) -> None:
        """Let another process write; appending afterwards is an error. Closing twice is fine."""
        with self._writing:
            if self._lock_file >= 0:
                os.close(self._file)
                os.close(self._lock_file)
                self._lock_file = self._file = -1

    def __enter__(self) -> SegmentLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _frames(path: Path, last: bool) -> Iterator[Frame]:
    size = path.stat().st_size
    if size == 0:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as mapped:
        view, offset = memoryview(mapped), 0
        try:
            while offset < size:
                frame = decode_frame(view, offset)
                if frame is None:
                    _check_tail(path, view, offset, last)
                    return
                offset = frame.end
                yield frame
                frame.payload.release()
        finally:
            view.release()


def _check_tail(path: Path, view: memoryview, offset: int, last: bool) -> None:
    following = good_frame_after(view, offset)
    if last and following is None:
        return
    raise CorruptLogError(
        f"{path} has a batch at byte {offset} that does not match its checksum, before the log's end.",
        cure="The disk changed bytes that were acknowledged; restore the segment from a copy.",
    )


def _take_lock(folder: Path) -> int:
    lock = os.open(folder / "writer.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise ConflictError(
            f"another process writes the log {folder}.", cure="Stop it, or give this one a home of its own."
        ) from error
    return lock


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _name(position: int) -> str:
    return f"{position:020d}.segment"
