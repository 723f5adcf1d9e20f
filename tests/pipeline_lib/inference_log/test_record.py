from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import StoreError
from bighead.pipeline_lib.inference_log import InferenceRecord, Ledger, RowRecord, decode, encode, to_frame

values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text()
)
maps = st.dictionaries(st.text(max_size=5), values, max_size=4)
rows = st.builds(RowRecord, maps, maps, maps, st.dictionaries(st.text(), st.text()), maps)


@given(st.lists(rows, max_size=3), maps)
def test_a_record_reads_back_equal(rows, generations):
    record = InferenceRecord(
        "id", 5, -7, "model", 3, rows, {"set": "hash"}, {"set": None}, {"stream": 9}, True
    )
    assert decode(encode(record)) == record


def test_bytes_that_are_no_record_are_refused():
    for data in (b"", b"\xff\xff", b"\x91\xa1a", b"\xa2\xff\xff"):
        with pytest.raises(StoreError, match="no inference record"):
            decode(data)


def test_a_record_without_the_later_fields_is_still_read():
    import msgspec

    old = msgspec.msgpack.encode(["id", 5, 7, "model", 3, []])
    assert decode(old) == InferenceRecord("id", 5, 7, "model", 3, [])


def test_a_frame_has_a_row_for_each_answered_row():
    row = RowRecord({"origin": "JFK"}, {"hour": 5}, {"delay": 1.5}, {}, {"probability": 0.25})
    frame = to_frame([InferenceRecord("a", 2_000_000, 1_000_000, "m", 3, [row, row])])
    assert frame.columns == [
        "request_id",
        "row",
        "at",
        "logged_at",
        "artifact",
        "origin",
        "hour",
        "delay",
        "prediction_probability",
    ]
    assert frame["row"].to_list() == [0, 1]
    assert frame["at"][0] == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert to_frame([]).columns == ["request_id", "row", "at", "logged_at", "artifact"]


def test_a_ledger_that_does_not_balance_cannot_be():
    with pytest.raises(ValueError, match="does not balance"):
        Ledger(accepted=1, written=1, dropped=1)
