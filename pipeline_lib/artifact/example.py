"""The stored example: rows, and the answers that the artifact must give to them wherever it is loaded."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from bighead_kernels import Plan

from bighead.pipeline_lib.errors import ArtifactError
from bighead.pipeline_lib.pipeline import Pipeline, lowering
from bighead.pipeline_lib.pipeline.schema import conform

ROWS = 20
# `exp` may round otherwise on another machine; anything more is another model.
TOLERANCE = 1e-9
Row = dict[str, Any]


def example_of(
    pipeline: Pipeline, spec: Mapping[str, Any] | None, rows: pl.DataFrame
) -> dict[str, list[Row]]:
    """Return the first rows whose numbers are finite, as JSON values, with the pipeline's answers.

    Raises:
        ArtifactError: no such row.
    """
    chosen = rows.select(pipeline.input_columns)
    floats = [name for name, dtype in chosen.schema.items() if dtype.is_float()]
    infinite = [pl.col(name).is_infinite().fill_null(False) for name in floats]
    kept = chosen.filter(~pl.any_horizontal(infinite)).head(ROWS) if infinite else chosen.head(ROWS)
    if kept.height == 0:
        raise ArtifactError("no example row has only finite numbers.", cure="Give some rows of training.")
    if spec is None:
        answers = pipeline.answer(kept).to_dicts()
    else:
        given = conform("the example", kept, pipeline.graph.inputs)
        answered = pl.DataFrame(Plan.from_spec(lowering.to_json(spec)).predict(given))
        answers = [dict(zip(pipeline.output_columns, row, strict=True)) for row in answered.iter_rows()]
    return {"rows": [_plain(row) for row in kept.to_dicts()], "answers": [_plain(row) for row in answers]}


def _plain(row: Row) -> Row:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime | date) else value


def check_answers(expected: Sequence[Row], seen: Sequence[Row], tolerance: float = TOLERANCE) -> None:
    """Refuse answers that differ from the stored ones by more than a tolerance, absolute and relative.

    Raises:
        ArtifactError: naming the first row and output that differ.
    """
    if len(expected) != len(seen):
        raise ArtifactError(f"the example has {len(expected)} answers, seen {len(seen)}.")
    for number, (want, have) in enumerate(zip(expected, seen, strict=True)):
        if set(want) != set(have):
            raise ArtifactError(
                f"row {number} of the example is answered {sorted(have)}, expected {sorted(want)}."
            )
        for name, value in want.items():
            if not _same(value, have[name], tolerance):
                raise ArtifactError(
                    f"row {number} of the example: {name!r} is {have[name]!r}, it was {value!r} when saved.",
                    cure="This build answers otherwise than the one that saved it: do not serve it.",
                )


def check_example(example: Any) -> None:
    """Refuse what is no example: rows, and an answer to each, by the names of columns.

    Raises:
        ArtifactError: it is something else.
    """
    listed = [example.get("rows"), example.get("answers")] if isinstance(example, dict) else [None]
    rows = all(isinstance(each, list) and all(isinstance(row, dict) for row in each) for each in listed)
    if not rows:
        raise ArtifactError("example.json holds no rows and answers.", cure="Train again.")


def _same(want: Any, have: Any, tolerance: float) -> bool:
    have = _value(have)
    if isinstance(want, float) and isinstance(have, float):
        return math.isclose(want, have, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(want, list) and isinstance(have, list):
        return len(want) == len(have) and all(map(_same, want, have, [tolerance] * len(want)))
    return bool(want == have)
