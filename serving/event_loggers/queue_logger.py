"""A bounded queue before the event log: a request never waits for a disk, and every loss is counted."""

from __future__ import annotations

import threading
import time
from collections import deque

import structlog

from bighead.pipeline_lib.errors import StoreError
from bighead.pipeline_lib.inference_log import InferenceRecord, Ledger
from bighead.resources.event_log import EventLog

_log = structlog.get_logger()


class QueueLogger:
    """Takes records at once and writes them from one thread, in batches.

    A record is *accepted* when `log` is called; it is then written or dropped, and the ledger counts both.
    It is dropped when `capacity` rows wait already, or when the log refuses it. Records that wait when the
    process is killed outright are lost with the process's ledger; `close` writes them.

    Args:
        event_log: Where records go.
        capacity: How many rows (not requests) may wait.
        pause_seconds: How long a batch is gathered; it bounds what a kill can lose.
    """

    def __init__(self, event_log: EventLog, capacity: int = 100_000, pause_seconds: float = 0.05) -> None:
        self._event_log, self._capacity, self._pause = event_log, capacity, pause_seconds
        self._queue: deque[InferenceRecord] = deque()
        self._lock = threading.Lock()
        self._rows = self._accepted = self._written = self._dropped = 0
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="inference-log", daemon=True)
        self._thread.start()

    def log(self, record: InferenceRecord) -> None:
        """Accept a record; never waits, never raises."""
        rows = len(record.rows)
        with self._lock:
            self._accepted += 1
            if self._stopping or self._rows + rows > self._capacity:
                self._dropped += 1
                return
            self._rows += rows
            self._queue.append(record)
        if not self._wake.is_set():
            self._wake.set()

    @property
    def ledger(self) -> Ledger:
        """The counts at this instant; they always balance."""
        with self._lock:
            return Ledger(self._accepted, self._written, self._dropped)

    def close(self) -> Ledger:
        """Write what waits, stop, and return the final counts, in which nothing waits."""
        with self._lock:
            self._stopping = True
        self._wake.set()
        self._thread.join()
        self._event_log.close()
        return self.ledger

    def _run(self) -> None:
        while True:
            self._wake.wait()
            if not self._stopping:
                time.sleep(self._pause)
            self._wake.clear()
            with self._lock:
                batch = list(self._queue)
                self._queue.clear()
                self._rows = 0
                stopping = self._stopping
            self._write(batch)
            if stopping:
                return

    def _write(self, batch: list[InferenceRecord]) -> None:
        by_model: dict[str, list[InferenceRecord]] = {}
        for record in batch:
            by_model.setdefault(record.model, []).append(record)
        for model, records in by_model.items():
            written = self._append(model, records)
            with self._lock:
                self._written += written
                self._dropped += len(records) - written

    def _append(self, model: str, records: list[InferenceRecord]) -> int:
        try:
            self._event_log.append(model, records)
        except (StoreError, OSError, TypeError, ValueError, OverflowError) as error:
            _log.error("inferences_dropped", model=model, records=len(records), error=str(error))
            return 0
        return len(records)
