"""`bighead test`: the project's tests, as CI runs them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

from bighead.cli.output import verb
from bighead.pipeline_lib.errors import DefinitionError


@click.command("test", context_settings={"ignore_unknown_options": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
@verb
def command(pytest_arguments: tuple[str, ...]) -> dict[str, Any]:
    """Run the tests; further arguments go to pytest.

    A test that needs a program this machine lacks is skipped with a line that says how to get it; where CI is
    set in the environment it fails instead.
    """
    root = checkout()
    started = time.perf_counter()
    ended = subprocess.run([sys.executable, "-m", "pytest", "-rs", *pytest_arguments], cwd=root, check=False)
    return {"ok": ended.returncode == 0, "seconds": round(time.perf_counter() - started, 1)}


def checkout() -> Path:
    """Return the root of the checkout that this code runs from.

    Raises:
        DefinitionError: this is an installed wheel, which carries no tests.
    """
    for folder in Path(__file__).absolute().parents:
        if (folder / "tests").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise DefinitionError(
        "this is an installed wheel without tests.", cure="Run it from a checkout: ./bighead test"
    )
