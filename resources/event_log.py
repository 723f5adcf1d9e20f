"""Where inferences are logged: a protocol, and its file form of segment logs per model."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

from bighead.pipeline_lib.errors import ConflictError
from bighead.pipeline_lib.inference_log import InferenceRecord, decode, encode
from bighead.resources.segment_log import SegmentLog, SegmentReader


class EventLog(Protocol):
    """Logged inferences by model."""

    def append(self, model: str, records: Sequence[InferenceRecord]) -> None:
        """Keep records durably.

        Raises:
            StoreError: none of them was kept.
        """
        ...

    def read(
        self, model: str, start: datetime | None = None, end: datetime | None = None
    ) -> Iterator[InferenceRecord]:
        """Yield the records of a model with start ≤ at < end; an unknown model has none."""
        ...

    def models(self) -> list[str]:
        """Return the models that have logged anything, sorted."""
        ...

    def close(self) -> None:
        """Let go of what is held; reading stays possible."""
        ...


class FileEventLog:
    """Segment logs under `<root>/<model>/<shard>`.

    Each writing process takes the first shard that no other process writes, so that several gateways may
    share a home; reading goes over all shards.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[str, SegmentLog] = {}
        self._lock = threading.Lock()

    def append(self, model: str, records: Sequence[InferenceRecord]) -> None:
        """Keep records durably, one fsync for all.

        Raises:
            StoreError: none of them was kept.
        """
        self._log(model).append([encode(record) for record in records])

    def read(
        self, model: str, start: datetime | None = None, end: datetime | None = None
    ) -> Iterator[InferenceRecord]:
        """Yield the records of a model with start ≤ at < end, shard by shard, each in order of logging."""
        first = None if start is None else _microseconds(start)
        last = None if end is None else _microseconds(end)
        for shard in sorted((self._root / _folder(model)).glob("shard-*")):
            for _, data in SegmentReader(shard).read():
                record = decode(data)
                if (first is None or first <= record.at) and (last is None or record.at < last):
                    yield record

    def models(self) -> list[str]:
        """Return the models that have logged anything, sorted."""
        return sorted(unquote(path.name) for path in self._root.glob("*") if path.is_dir())

    def close(self) -> None:
        """Let other processes write these shards."""
        with self._lock:
            for log in self._open.values():
                log.close()
            self._open.clear()

    def _log(self, model: str) -> SegmentLog:
        with self._lock:
            if model not in self._open:
                self._open[model] = _free_shard(self._root / _folder(model))
            return self._open[model]


def _free_shard(folder: Path) -> SegmentLog:
    for number in count():
        try:
            return SegmentLog(folder / f"shard-{number:03d}")
        except ConflictError:
            continue
    raise AssertionError("count() ends never")


def _folder(model: str) -> str:
    return quote(model, safe="") or "_"


def _microseconds(moment: datetime) -> int:
    seconds, rest = divmod(moment.timestamp(), 1)
    return int(seconds) * 1_000_000 + round(rest * 1_000_000)
