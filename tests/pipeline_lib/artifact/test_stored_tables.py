"""Tables of bundles: what was written comes back, and a few bytes never become many rows."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.artifact.stored_json import read_json
from bighead.pipeline_lib.artifact.stored_tables import to_bytes, to_table

TABLES = [
    pl.DataFrame(),
    pl.DataFrame({"n": pl.Series([], dtype=pl.Int64)}),
    pl.DataFrame({"x": [1.5, None, float("inf")], "s": ["", None, "é"], "b": [b"", None, b"\xff"]}),
    pl.DataFrame({"t": [datetime(1960, 1, 1, tzinfo=UTC)], "l": [[1, None]], "d": [{"a": 1, "b": [True]}]}),
    pl.DataFrame({"v": pl.Series([[1.0, 2.0]], dtype=pl.Array(pl.Float32, 2))}),
]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: "-".join(table.columns) or "nothing")
def test_a_table_comes_back(table):
    assert to_table(to_bytes(table)).equals(table)
    assert to_bytes(table) == to_bytes(table.clone())


def written(table: pa.Table, **options: str) -> bytes:
    buffer = io.BytesIO()
    with pa.ipc.new_file(buffer, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return buffer.getvalue()


BOMBS = {
    "compressed": (written(pa.table({"n": [0] * 100_000}), compression="zstd"), "compressed"),
    "nulls": (written(pa.table({"n": pa.nulls(100_000_000)})), "declares"),
    "dictionary": (written(pa.table({"s": pa.array(["a"] * 10).dictionary_encode()})), "column of the type"),
    "runs": (
        written(pa.table({"r": pa.RunEndEncodedArray.from_arrays(pa.array([9], pa.int32()), pa.array([1]))})),
        "column of the type",
    ),
    "views": (
        written(pa.table({"v": pa.array(["long enough for a view"] * 9, pa.string_view())})),
        "column of the type",
    ),
    "nothing": (b"", "no Arrow file"),
    "text": (b"ARROW1 it is not, but long enough to be looked at", "no Arrow file"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_could_grow_is_refused(name):
    content, reason = BOMBS[name]
    with pytest.raises(ValueError, match=reason):
        to_table(content)


@given(st.integers(0, 10_000), st.integers(0, 255), st.integers(0, 10_000))
def test_changed_bytes_are_a_table_or_a_value_error(place, value, cut):
    content = bytearray(to_bytes(TABLES[2]))
    content[place % len(content)] = value
    for changed in (bytes(content), bytes(content)[: cut % len(content)]):
        try:
            assert to_table(changed).height <= 8 * len(changed)
        except ValueError:
            continue


@pytest.mark.parametrize(
    "content", [b"NaN", b"[Infinity]", b"1e999", b"[" * 100_000, b"", b"\xff", b'{"a": 1,}']
)
def test_json_that_is_none_is_a_value_error(content):
    with pytest.raises(ValueError):  # noqa: PT011 - the reader of bundles names the file
        read_json(content)
