"""Peak memory of a process tree, as proportional set size: shared pages are counted once."""

from __future__ import annotations

import os
import threading
from pathlib import Path


class PeakMemory:
    """Samples the PSS of this process and all its descendants until it is stopped (Linux; elsewhere stays 0)."""

    def __init__(self, interval_seconds: float = 0.5) -> None:
        self.peak_mb = 0
        self._interval = interval_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="peak-memory")

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            self.peak_mb = max(self.peak_mb, tree_pss_kb(os.getpid()) // 1024)


def tree_pss_kb(pid: int) -> int:
    """Return the PSS in KiB of a process and its descendants; a process that ended meanwhile counts 0."""
    return _pss_kb(pid) + sum(tree_pss_kb(child) for child in _children(pid))


def _pss_kb(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
