"""A process of its own for the registry's tests: it promotes, or behaves as a gateway, until it is killed."""

from __future__ import annotations

import sys
import time

from bighead.pipeline_lib.errors import BigheadError
from bighead.resources.registry_store import RegistryStore

TRUSTING = (sys.executable, "-S", "-c", "")


def promote(url: str, number: int, seconds: float) -> None:
    """Promote with a loader that takes `seconds`."""
    loader = (sys.executable, "-S", "-c", f"import time; time.sleep({seconds})")
    store = RegistryStore(url, loader_command=loader, hold_seconds=1)
    try:
        print(store.promote("m", number, actor="driver", timeout=20).status, flush=True)
    except BigheadError as error:
        print(type(error).__name__, error, flush=True)


def register(url: str, first: int, count: int) -> None:
    """Register `count` artifacts as fast as possible."""
    from datetime import UTC, datetime, timedelta

    store, start = RegistryStore(url), datetime(2013, 1, 1, tzinfo=UTC)
    store.ensure_model("m", "ana", "", {})
    for index in range(first, first + count):
        store.register(
            "m",
            content_hash=f"h{index}",
            location="/x",
            data_interval=(start, start + timedelta(days=index + 1)),
            metrics={},
            metadata={},
            code_version="c",
            partition=f"p{index}",
        )
    print("done", flush=True)


def gateway(url: str, name: str, seconds: float) -> None:
    """Follow the registry as a gateway does, in one loop, for `seconds`."""
    store = RegistryStore(url)
    serving, epochs, ready = {}, {}, {}
    desired = store.heartbeat(name, "", 2, serving, ready, epochs)
    print("up", flush=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ready = {model: d.promoting for model, d in desired.items() if d.promoting is not None}
        serving = {model: d.active for model, d in desired.items() if d.active is not None}
        epochs = {model: d.epoch for model, d in desired.items() if d.epoch is not None}
        desired = store.heartbeat(name, "", 2, serving, ready, epochs)
        time.sleep(0.03)


if __name__ == "__main__":
    verb, url, *rest = sys.argv[1:]
    if verb == "promote":
        promote(url, int(rest[0]), float(rest[1]))
    elif verb == "register":
        register(url, int(rest[0]), int(rest[1]))
    else:
        gateway(url, rest[0], float(rest[1]))
