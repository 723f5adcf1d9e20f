"""Waits for servers that were just started."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from typing import Any


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(
    urls: Iterable[str],
    row: dict[str, Any],
    ask: Callable[[str, dict[str, Any]], float],
    seconds: float = 180.0,
) -> None:
    """Return once every URL answers about a row.

    Raises:
        OSError: one did not in time.
    """
    until = time.monotonic() + seconds
    for url in urls:
        while True:
            try:
                ask(url, row)
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
