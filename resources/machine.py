"""What this machine, or the container that we are in, has of memory."""

from __future__ import annotations

import os
from pathlib import Path

from bighead.pipeline_lib.point_in_time import Memory

_SHARE = 0.5
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def join_memory(gigabytes: float, folder: Path) -> Memory:
    """Return what a join may hold, in 10⁹ bytes; 0 is half of what the machine or its container has."""
    return Memory(int(gigabytes * 1e9) or int(_SHARE * machine_bytes()), folder)


def machine_bytes() -> int:
    """Return the bytes of memory that processes here may take together."""
    has = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [each.read_text().strip() for each in _LIMITS if each.is_file()]
    return min([has, *(int(limit) for limit in limits if limit.isdigit())])
