"""The loader: a process outside every gateway that loads an artifact, warms it and reproduces its answer.

It may crash, hang or eat memory; the promotion then fails and nothing that answers requests has seen the
bundle.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bighead.pipeline_lib.errors import PromotionError
from bighead.pipeline_lib.foreign_code import allowed_code
from bighead.resources.registry_claims import Claim

VERIFY: tuple[str, ...] = (sys.executable, "-m", "bighead.pipeline_lib.artifact.verify")
_SAID_BYTES = 2000


def verify_in_child(
    command: Sequence[str],
    claim: Claim,
    timeout: float,
    while_waiting: Callable[[], None],
    pause: float = 0.05,
) -> None:
    """Run `command` on the claimed bundle to its end; call `while_waiting` every `pause` seconds meanwhile.

    Raises:
        PromotionError: the bundle is another one than was registered, or the loader did not exit 0 within
        `timeout` seconds; the message ends with what it said last.
    """
    location = claim.location
    check_same_bundle(claim)
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [*command, location, *allowed_code()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + timeout
            while child.poll() is None:
                if time.monotonic() > deadline:
                    raise PromotionError(
                        f"the loader did not finish {location} within {timeout:g} s.",
                        cure="Give it a longer timeout, or look why the artifact loads so slowly.",
                    )
                while_waiting()
                time.sleep(pause)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        if child.returncode != 0:
            output.seek(0, 2)
            output.seek(max(0, output.tell() - _SAID_BYTES))
            said = output.read().decode(errors="replace").strip().splitlines()
            raise PromotionError(
                f"the loader refused {location}: {said[-1] if said else f'exit status {child.returncode}'}",
                cure="The active artifact stays. Train again, or restore the bundle.",
            )


def check_same_bundle(claim: Claim) -> None:
    """Refuse a bundle whose manifest names another content than was registered: valid, but another one.

    Raises:
        PromotionError: the manifest's `content_hash` differs from the registered one.
    """
    manifest = Path(claim.location) / "manifest.json"
    try:
        seen = json.loads(manifest.read_bytes()).get("content_hash")
    except (OSError, ValueError, AttributeError):
        # A missing or broken manifest is the loader's to refuse, with the words of the artifact format.
        return
    if seen != claim.content_hash:
        raise PromotionError(
            f"{claim.location} holds content {seen}, but {claim.content_hash} was registered.",
            cure="Restore the bundle that was registered, or register this one.",
        )
