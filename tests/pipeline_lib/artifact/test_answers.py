"""Artifacts that answer texts and read times: by the plan and in Python alike, as tables and as rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from bighead.pipeline_lib.artifact import InputColumn, load, save
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import DatetimeParts, DateTrunc, SQLTransformer

ROWS = pl.DataFrame(
    {"at": [datetime(2013, 7, 4, 5), datetime(1969, 12, 31, 23), None], "town": ["é", None, ""]},
    schema={"at": pl.Datetime("us"), "town": pl.String},
)


def fitted() -> Pipeline:
    """A pipeline from times and texts to numbers and texts."""
    p = Pipeline("stays")
    p["at"] >>= [DateTrunc("month"), DatetimeParts(["month", "hour"])]
    p["town"] >>= SQLTransformer({"town": "upper(town)"})
    return p.fit(ROWS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The pipeline as a bundle."""
    p = fitted()
    inputs = [InputColumn(each.name, each.dtype) for each in p.graph.inputs]
    noted = save(p, tmp_path / "bundle", model="stays", inputs=inputs, example_rows=ROWS)
    assert noted.plan.lowered, noted.plan.reason
    return tmp_path / "bundle"


def test_texts_and_times_come_out_of_the_plan_as_out_of_python(folder: Path) -> None:
    artifact = load(folder)
    artifact.reproduce()
    seen = artifact.predict(ROWS)
    assert seen.schema == {"at_month": pl.Float64, "at_hour": pl.Float64, "town": pl.String}
    assert seen["town"].to_list() == ["É", None, ""]
    assert seen["at_month"].to_list()[:2] == [7.0, 12.0]
    python = type(artifact)(artifact.manifest, artifact.pipeline, None, artifact.example)
    assert python.predict(ROWS).equals(seen)


def test_rows_give_times_as_iso_and_get_texts(folder: Path) -> None:
    artifact = load(folder)
    python = type(artifact)(artifact.manifest, artifact.pipeline, None, artifact.example)
    rows = [{"at": "2013-07-04T07:30:00+02:00", "town": "ß"}, {"at": datetime(2013, 1, 31, tzinfo=UTC)}]
    wanted = [{"at_month": 7, "at_hour": 0, "town": "SS"}, {"at_month": 1, "at_hour": 0, "town": None}]
    assert artifact.predict_rows(rows) == python.predict_rows(rows) == wanted
