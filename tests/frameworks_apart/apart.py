"""What the tests of frameworks share: bundles, and the answers of another process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl

from bighead.pipeline_lib.artifact import InputColumn, Manifest, save
from bighead.pipeline_lib.errors import ArtifactError
from bighead.pipeline_lib.pipeline import Pipeline

_ELSEWHERE = """
import sys, polars as pl
from bighead.pipeline_lib.artifact import allow_code, load
bundle, rows, answers, *allowed = sys.argv[1:]
allow_code(*allowed)
loaded = load(bundle)
loaded.reproduce()
loaded.pipeline.answer(pl.read_ipc(rows)).write_ipc(answers)
print("lowered" if loaded.plan else "python")
"""


def saved(pipeline: Pipeline, rows: pl.DataFrame, folder: Path) -> Manifest:
    """Save a fitted pipeline as a bundle."""
    inputs = [InputColumn(each.name, each.dtype) for each in pipeline.graph.inputs]
    return save(pipeline, folder, model="apart", inputs=inputs, example_rows=rows.head(40))


def answers_elsewhere(
    bundle: Path, rows: pl.DataFrame, allow: str = "", path: Path | None = None
) -> pl.DataFrame:
    """Return what another process answers from the bundle, after it reproduced the stored example.

    Raises:
        ArtifactError: with what the other process said.
    """
    given, answers = bundle.parent / "given.arrow", bundle.parent / "answers.arrow"
    rows.write_ipc(given)
    search = [*([str(path)] if path else []), *sys.path]
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            _ELSEWHERE,
            str(bundle),
            str(given),
            str(answers),
            *([allow] if allow else []),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(search)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise ArtifactError(ended.stderr[-2000:])
    return pl.read_ipc(answers)
