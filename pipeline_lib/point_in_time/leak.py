"""The check `missingness_leak`: a null that gives the answer away was made after the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError

# Below this chance the agreement of all null rows is no accident (a rare label agrees with almost anything).
_ACCIDENT = 0.05


@dataclass(frozen=True)
class Finding:
    """Null in `column` fixes the label: all those `rows` have `label_value`; of all rows, `share` do."""

    column: str
    rows: int
    label_value: Any
    share: float


def missingness_leak(
    frame: pl.DataFrame, columns: Sequence[str], label: str, at_least: int = 50
) -> list[Finding]:
    """Return the columns in which null, in `at_least` labelled rows or more, goes with one label only.

    An agreement that chance explains (one label is that common) is no finding.

    Raises:
        SchemaError: a column is not in the frame.
    """
    if any(name not in frame.columns for name in (*columns, label)):
        raise SchemaError.columns("the training frame", seen=frame.columns, expected=[*columns, label])
    labelled = frame.filter(pl.col(label).is_not_null())
    findings = []
    for column in dict.fromkeys(columns):
        values = labelled.filter(pl.col(column).is_null())[label]
        if len(values) < at_least or values.n_unique() != 1:
            continue
        share = float((labelled[label] == values[0]).mean() or 0.0)
        if share ** len(values) < _ACCIDENT:
            findings.append(Finding(column, len(values), values[0], share))
    return findings


def refuse_leaks(findings: Sequence[Finding], where: str, label: str) -> None:
    """Raise for the first finding.

    Raises:
        DataError: names the column, the number of rows and the label's rate there and overall.
    """
    for found in findings:
        raise DataError(
            f"missingness_leak in {where}: {found.column!r} is null in {found.rows} rows, and {label!r} is "
            f"{found.label_value!r} in all of them (overall in {found.share:.1%}).",
            cure=f"The null was known only afterwards: remove these rows from the left table, or drop "
            f"{found.column!r}.",
        )
