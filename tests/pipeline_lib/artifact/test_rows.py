"""Rows of a request: a wrong one is named, and times come as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from bundles import FRAME, LABELS, ROW, columns_of, in_python, saved
from listings import forest

from bighead.pipeline_lib.artifact import InputColumn, load
from bighead.pipeline_lib.errors import RequestError
from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.pipeline import Pipeline


@pytest.mark.parametrize("pipeline", [forest(), in_python()], ids=["native", "python"])
@pytest.mark.parametrize(
    ("change", "column", "why"),
    [
        ({"nights": "three"}, "nights", "row 1: column 'nights' is the str"),
        ({"nights": None}, "nights", "row 1: column 'nights' is missing"),
        ({"price": True}, "price", "row 1: column 'price' is the bool"),
        ({"room": 5}, "room", "row 1: column 'room' is the int"),
        ({"nigths": 3}, "nigths", "row 1: column 'nigths' is no input"),
        ({"nights": 2**63}, "nights", "row 1: column 'nights'"),
    ],
    ids=str,
)
def test_a_wrong_row_is_named(pipeline, change, column, why, tmp_path):
    pipeline.fit(FRAME, LABELS if pipeline.name == "rental" else FRAME["nights"])
    inputs = [
        InputColumn(each.name, each.dtype, each.name != "nights", "context") for each in columns_of(pipeline)
    ]
    saved(pipeline, tmp_path / "bundle", inputs=inputs)
    row = {name: ROW[name] for name in pipeline.input_columns}
    with pytest.raises(RequestError, match=why) as refused:
        load(tmp_path / "bundle").predict_rows([row, {**row, **change}])
    assert (refused.value.row, refused.value.column, refused.value.status) == (1, column, 400)


def test_times_come_as_iso_text_or_datetimes(tmp_path):
    at = pl.Series("at", [datetime(2013, 1, day, tzinfo=UTC) for day in range(1, 9)])
    frame = at.to_frame()
    p = Pipeline("times")
    p >>= XGBClassifier(n_estimators=3)
    p.fit(frame, [0, 1, 1, 0, 0, 0, 1, 1])
    saved(p, tmp_path / "bundle", example_rows=frame)
    loaded = load(tmp_path / "bundle")
    expected = p.transform(frame)["probability"].to_list()
    assert [row["probability"] for row in loaded.predict_rows(frame.to_dicts())] == expected
    texts = [{"at": when.isoformat()} for when in at]
    assert [row["probability"] for row in loaded.predict_rows(texts)] == expected
    assert loaded.predict(frame)["probability"].to_list() == expected
    with pytest.raises(RequestError, match="row 0: 'at' is no ISO time"):
        loaded.predict_rows([{"at": "tomorrow"}])
