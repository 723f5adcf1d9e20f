"""Loads a bundle in any process: every byte is checked first, and nothing of the training project is needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
from bighead_kernels import InputError, Plan

from bighead.pipeline_lib.artifact import graph_json
from bighead.pipeline_lib.artifact.example import TOLERANCE, Row, check_answers, check_example
from bighead.pipeline_lib.artifact.files import read_folder
from bighead.pipeline_lib.artifact.manifest import RESTORE, Manifest
from bighead.pipeline_lib.artifact.packing import read_packed
from bighead.pipeline_lib.artifact.rows import to_frame
from bighead.pipeline_lib.artifact.stored_json import read_json
from bighead.pipeline_lib.errors import ArtifactError, RequestError, TamperedArtifactError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.pipeline.running import run_graph
from bighead.pipeline_lib.pipeline.schema import conform, in_microseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LoadedArtifact:
    """A bundle, ready to answer: natively by its plan where it has one, else by the pipeline in Python."""

    manifest: Manifest
    pipeline: Pipeline
    plan: Plan | None
    example: dict[str, list[Row]] = field(repr=False)

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the answers to a frame, a row for each row; other columns are ignored, a missing answer is NaN.

        Raises:
            SchemaError: an input is absent or of the wrong type.
            RequestError: a value is missing that may not be.
        """
        inputs = self.pipeline.graph.inputs
        given = conform(f"the input of {self.manifest.model!r}", frame, inputs)
        if self.plan is None:
            return as_answers(run_graph(self.pipeline.graph, given))
        try:
            answers = pl.DataFrame(self.plan.predict(given))
        except InputError as error:
            raise _refused(error) from error
        return as_answers(answers.rename(dict(zip(answers.columns, self.manifest.outputs, strict=True))))

    def predict_rows(self, rows: list[Row]) -> list[Row]:
        """Return the answer to each row; None or an absent input is missing, a missing answer is NaN.

        Raises:
            RequestError: 400, naming row and column: a superfluous column, a wrong type, or a value missing that
                may not be.
        """
        names = self.manifest.outputs
        times = [column.name for column in self.manifest.inputs if column.dtype == "datetime"]
        given = [_with_times(row, times, number) for number, row in enumerate(rows)] if times else rows
        if self.plan is None:
            return self.predict(to_frame(given, self.manifest.inputs)).to_dicts()
        try:
            return [dict(zip(names, answer, strict=True)) for answer in self.plan.predict_rows(given)]
        except InputError as error:
            raise _refused(error) from error

    def reproduce(self) -> None:
        """Answer the stored example by rows and as a table.

        Raises:
            ArtifactError: an answer differs from the stored one.
        """
        rows, answers = self.example["rows"], self.example["answers"]
        allowed = max([TOLERANCE, *(node.step.tolerance for node in self.pipeline.graph.nodes)])
        seen = self.predict_rows(rows)
        check_answers(answers, seen, allowed)
        times = [column.name for column in self.manifest.inputs if column.dtype == "datetime"]
        given = [_with_times(row, times, number) for number, row in enumerate(rows)]
        check_answers(answers, self.predict(to_frame(given, self.manifest.inputs)).to_dicts(), allowed)


def as_answers(frame: pl.DataFrame) -> pl.DataFrame:
    """Return columns as they are answered: numbers, truths and times (microseconds) as float64, what else as it is."""
    numbers = cs.numeric() | cs.boolean()
    return in_microseconds(frame).with_columns(numbers.cast(pl.Float64).fill_null(float("nan")))


def load(folder: str | Path) -> LoadedArtifact:
    """Read a bundle, a folder or a single file of `pack`, checking every file against the manifest.

    Raises:
        TamperedArtifactError: a file is missing, truncated, changed, or lies outside the folder.
        ArtifactError: no bundle, or one of another format.
    """
    root = Path(folder)
    _, manifest, files = read_packed(root) if root.is_file() else read_folder(root)
    try:
        graph, example = read_json(files["graph.json"]), read_json(files["example.json"])
        spec = files["plan.json"].decode() if manifest.plan.lowered else None
    except (KeyError, ValueError, RecursionError) as error:
        raise TamperedArtifactError(f"the bundle {root} lacks {error}.", cure=RESTORE) from error
    check_example(example)
    pipeline = graph_json.from_plain(graph, files)
    if pipeline.output_columns != manifest.outputs:
        raise TamperedArtifactError(f"{root} answers other columns than its manifest says.", cure=RESTORE)
    try:
        plan = None if spec is None else Plan.from_spec(spec)
    except ValueError as error:
        raise ArtifactError(
            f"the plan of {root} cannot be run: {error}.", cure="Update, or train again."
        ) from error
    return LoadedArtifact(manifest, pipeline, plan, example)


def _refused(error: InputError) -> RequestError:
    return RequestError(f"{error}.", code="bad_value", column=error.column, row=error.row)


def _with_times(row: Row, names: list[str], number: int) -> Row:
    """Return a row whose times are microseconds, as the plan calculates with them."""
    return {
        **row,
        **{name: _microseconds(row[name], name, number) for name in names if row.get(name) is not None},
    }


def _microseconds(value: Any, name: str, number: int) -> int:
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(when, datetime):
            aware = when if when.tzinfo else when.replace(tzinfo=UTC)
            since = aware - _EPOCH
            return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        if isinstance(when, int) and not isinstance(when, bool) and math.isfinite(when):
            return when
    except ValueError as error:
        raise RequestError(
            f"row {number}: {name!r} is no ISO time: {value!r}.", column=name, row=number
        ) from error
    raise RequestError(f"row {number}: {name!r} is {value!r}, expected a time.", column=name, row=number)
