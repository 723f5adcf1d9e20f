"""The contract of an offline store; a later twin is added to `stores` and must pass it unchanged."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from bighead.pipeline_lib.errors import (
    ConflictError,
    DataError,
    DefinitionError,
    SchemaError,
    UnknownNameError,
)
from bighead.resources.offline_store import ATTEMPTS, DeltaOfflineStore

T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAYS = [date(2013, 3, 1) + timedelta(days=n) for n in range(4)]
FOREVER = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


def rows(*days: date, x: float = 1.0, each: int = 3) -> pl.DataFrame:
    listed = [
        (k, datetime(d.year, d.month, d.day, n, tzinfo=UTC), x)
        for d in days
        for n in range(each)
        for k in ("b", "a")
    ]
    schema = {"k": pl.String, "event_time": pl.Datetime("us", "UTC"), "x": pl.Float64}
    return pl.DataFrame(listed, schema=schema, orient="row")


@pytest.fixture(params=[DeltaOfflineStore])
def store(request, tmp_path):
    return request.param(tmp_path)


def everything(store, name: str = "stays") -> pl.DataFrame:
    return store.scan(name, *FOREVER).collect().sort("event_time", "k")


def test_days_are_written_read_and_listed(store):
    assert (store.version("stays"), store.days("stays")) == (-1, set())
    store.write_days("stays", DAYS[:2], rows(*DAYS[:2]))
    assert everything(store).equals(rows(*DAYS[:2]).sort("event_time", "k"))
    assert everything(store).schema == rows().schema
    assert (store.version("stays"), store.days("stays")) == (0, set(DAYS[:2]))


def test_a_span_is_half_open_and_may_cut_days(store):
    store.write_days("stays", DAYS, rows(*DAYS))
    cut = store.scan("stays", T0 + timedelta(hours=1), T0 + timedelta(days=1, hours=1)).collect()
    assert sorted(set(cut["event_time"])) == [T0 + timedelta(hours=n) for n in (1, 2, 24)]


def test_a_day_written_again_is_replaced_and_the_others_stay(store):
    store.write_days("stays", DAYS[:3], rows(*DAYS[:3]))
    store.write_days("stays", [DAYS[1]], rows(DAYS[1], x=9.0, each=1))
    by_day = everything(store).group_by(pl.col("event_time").dt.date()).agg(pl.col("x")).sort("event_time")
    assert by_day["x"].to_list() == [[1.0] * 6, [9.0] * 2, [1.0] * 6]


def test_an_empty_day_is_known_and_has_no_rows(store):
    store.write_days("stays", DAYS[:3], rows(DAYS[1]))
    assert store.days("stays") == set(DAYS[:3])
    assert everything(store).height == 6
    store.write_days("stays", [DAYS[1]], rows())
    assert store.days("stays") == set(DAYS[:3])
    assert everything(store).height == 0


def test_rows_are_sorted_by_key_within_a_day(store):
    store.write_days("stays", DAYS[:1], rows(DAYS[0]))
    stored = store.scan("stays", *FOREVER).collect()
    assert stored["k"].to_list() == ["a"] * 3 + ["b"] * 3


def test_an_older_version_can_still_be_read(store):
    store.write_days("stays", DAYS[:1], rows(DAYS[0]))
    store.write_days("stays", DAYS[:1], rows(DAYS[0], x=2.0))
    assert set(store.scan("stays", *FOREVER, version=0).collect()["x"]) == {1.0}


def test_a_new_column_is_null_on_the_days_before_it(store):
    store.write_days("stays", DAYS[:1], rows(DAYS[0]))
    store.write_days("stays", DAYS[1:2], rows(DAYS[1]).with_columns(y=pl.lit("new")))
    assert everything(store)["y"].to_list() == [None] * 6 + ["new"] * 6


@pytest.mark.parametrize(
    ("frame", "error", "words"),
    [
        (rows(DAYS[2]), DataError, "6 rows of 'stays' lie outside the days 2013-03-01 to 2013-03-01"),
        (rows(DAYS[0]).with_columns(event_time=pl.lit(None, pl.Datetime("us", "UTC"))), DataError, "6 rows"),
        (
            rows(DAYS[0]).with_columns(pl.col("x").cast(pl.Int64)),
            SchemaError,
            "'x' .* is Int64 and was stored as Float64",
        ),
        (rows(DAYS[0]).drop("event_time"), SchemaError, "lacks the column 'event_time'"),
        (rows(DAYS[0]).with_columns(d=timedelta(1)), SchemaError, "'d' .* has the type Duration"),
    ],
)
def test_frames_that_are_refused_change_nothing(store, frame, error, words):
    store.write_days("stays", DAYS[:1], rows(DAYS[0], x=7.0))
    with pytest.raises(error, match=words):
        store.write_days("stays", DAYS[:1], frame)
    assert set(everything(store)["x"]) == {7.0}
    assert store.version("stays") == 0


def test_partitions_of_training_sets_keep_their_rows_in_order(store):
    frames = {
        key: pl.DataFrame({"row": [3, 1, 2], "week": [key] * 3}) for key in ("2013-03-08", "2013-03-01")
    }
    for key, frame in frames.items():
        store.write_partition("training_sets", "views", key, frame)
    store.write_partition("training_sets", "views", "2013-03-15", frames["2013-03-01"].clear())
    assert store.partitions("training_sets", "views") == ["2013-03-01", "2013-03-08", "2013-03-15"]
    assert store.read_partition("training_sets", "views", "2013-03-08").equals(frames["2013-03-08"])
    assert store.read_partition("training_sets", "views", "2013-03-15").height == 0
    assert (
        store.read_partitions("training_sets", "views")["week"].to_list()
        == ["2013-03-01"] * 3 + ["2013-03-08"] * 3
    )
    store.write_partition("training_sets", "views", "2013-03-08", frames["2013-03-08"][:1])
    assert store.read_partition("training_sets", "views", "2013-03-08")["row"].to_list() == [3]


def test_a_partition_key_is_text_never_sql(store):
    for key in ("it's", "a/b c", "x' OR '1'='1"):
        store.write_partition("scores", "views", key, pl.DataFrame({"key": [key]}))
    for key in ("it's", "a/b c", "x' OR '1'='1"):
        assert store.read_partition("scores", "views", key)["key"].to_list() == [key]


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda s: s.scan("stay", *FOREVER), UnknownNameError, "Did you mean 'stays'"),
        (lambda s: s.read_partition("scores", "stays", "x"), UnknownNameError, "no table in scores"),
        (
            lambda s: s.read_partition("features", "stays", "2013-03-02"),
            UnknownNameError,
            "Did you mean '2013-03-01'",
        ),
        (lambda s: s.partitions("score", "stays"), UnknownNameError, "Did you mean 'scores'"),
        (lambda s: s.version("../stays"), DefinitionError, "cannot name a table"),
        (
            lambda s: s.write_partition("scores", "s", "k", pl.DataFrame({"partition": [1]})),
            DefinitionError,
            "'partition'",
        ),
    ],
)
def test_names_that_are_not_there(store, act, error, words):
    store.write_days("stays", DAYS[:1], rows(DAYS[0]))
    with pytest.raises(error, match=words):
        act(store)


def test_writers_of_different_days_and_of_one_day_all_end_whole(store):
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: store.write_days("stays", [DAYS[n % 2]], rows(DAYS[n % 2], x=float(n))), range(8)
            )
        )
    by_day = (
        everything(store)
        .group_by(pl.col("event_time").dt.date())
        .agg(pl.col("x").unique(), pl.len().alias("n"))
    )
    assert by_day.height == 2
    for written, height in by_day.select("x", "n").iter_rows():
        assert len(written) == 1
        assert height == 6
    assert store.version("stays") == 7


def test_conflicts_are_retried_and_not_for_ever(store, monkeypatch):
    tries = []

    def losing(*_, **__):
        tries.append(1)
        raise CommitFailedError("somebody else was first")

    monkeypatch.setattr("bighead.resources.delta_commit.write_deltalake", losing)
    monkeypatch.setattr("bighead.resources.offline_store.time.sleep", lambda _: None)
    with pytest.raises(ConflictError, match="others committed first"):
        store.write_days("stays", DAYS[:1], rows(DAYS[0]))
    assert len(tries) == ATTEMPTS


WRITER = """
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
import polars as pl
from bighead.resources.offline_store import DeltaOfflineStore

store, day = DeltaOfflineStore(Path(sys.argv[1])), date(2013, 3, 1)
times = pl.Series([datetime(2013, 3, 1, tzinfo=UTC)] * 20_000, dtype=pl.Datetime("us", "UTC"))
print("writing", flush=True)
for x in range(1_000_000):
    frame = pl.DataFrame({"k": ["a"] * 20_000, "event_time": times, "x": [float(x)] * 20_000})
    store.write_days("stays", [day], frame)
"""


def test_a_killed_writer_leaves_the_last_committed_state(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        store = DeltaOfflineStore(tmp_path)
        deadline = time.monotonic() + 30
        while store.version("stays") < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        writer.send_signal(signal.SIGKILL)
    committed = store.version("stays")
    assert committed >= 3
    frame = everything(store)
    assert frame.height == 20_000
    assert set(frame["x"]) == {float(committed)}
    store.write_days("stays", DAYS[:1], rows(DAYS[0], x=-1.0))
    assert set(everything(store)["x"]) == {-1.0}
    assert DeltaTable(str(Path(tmp_path) / "features" / "stays")).version() == committed + 1
