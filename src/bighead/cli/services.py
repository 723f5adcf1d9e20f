"""The long-running parts as child processes: the serving tier, and Dagster's UI with its daemon."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bighead.pipeline_lib.errors import StoreError
from bighead.resources.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which a child process reads the same settings."""
    given = {f"BIGHEAD_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
    absolute = {"BIGHEAD_HOME": str(settings.root), "BIGHEAD_PROJECT": str(settings.project.absolute())}
    return {**os.environ, **given, **absolute}


@contextmanager
def child(
    arguments: list[str], environ: dict[str, str], log: Path, cwd: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a child process with its output in `log`; at the end it is asked to stop, then waited for."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            arguments, env=environ, cwd=cwd, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes], patience_seconds: float = 15) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        # Its own session was started above, so nobody else's process is in the group.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def serving_tier(settings: Settings, patience_seconds: float = 60) -> Iterator[str]:
    """Run the serving tier and yield its URL once it serves every active artifact.

    Raises:
        StoreError: it ended or did not answer in time; the message names its log.
    """
    log = settings.root / "logs" / "serving.log"
    address = settings.root / "serving.json"
    address.unlink(missing_ok=True)
    with child([sys.executable, "-m", "bighead.serving.run"], environment(settings), log) as process:
        deadline = time.monotonic() + patience_seconds
        while time.monotonic() < deadline and process.poll() is None:
            if address.exists():
                url = str(json.loads(address.read_text())["url"])
                if answers(f"{url}/health/ready"):
                    yield url
                    return
            time.sleep(0.1)
        raise StoreError("the serving tier did not start.", cure=f"Its log is {log}.")


@contextmanager
def dagster_ui(settings: Settings, cwd: Path, patience_seconds: float = 120) -> Iterator[str]:
    """Run `dagster dev` (UI and daemon) from `cwd`, where workspace.yaml lies, and yield its URL.

    Raises:
        StoreError: it ended or did not answer in time; the message names its log.
    """
    from bighead.resources.dagster_bindings import prepare_instance

    log = settings.root / "logs" / "dagster.log"
    url = f"http://127.0.0.1:{settings.dagster_port}"
    arguments = [sys.executable, "-m", "dagster", "dev", "-h", "127.0.0.1", "-p", str(settings.dagster_port)]
    environ = {**environment(settings), **prepare_instance(settings)}
    with child(arguments, environ, log, cwd) as process:
        deadline = time.monotonic() + patience_seconds
        while time.monotonic() < deadline and process.poll() is None:
            if answers(f"{url}/server_info"):
                yield url
                return
            time.sleep(0.5)
        raise StoreError("the Dagster UI did not start.", cure=f"Its log is {log}.")


def answers(url: str) -> bool:
    """Tell whether a GET of `url` is answered 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
