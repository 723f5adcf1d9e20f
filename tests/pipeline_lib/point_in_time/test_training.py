"""Training sets: a row a question, from source or store alike; leaks are found and values traced."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError, UnknownNameError
from bighead.pipeline_lib.features import (
    Aggregation,
    EntitySource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.point_in_time import (
    Memory,
    SourceRows,
    StoreRows,
    backfill,
    build_training_set,
    clean,
    missingness_leak,
    trace,
    training_rows,
    values_at,
)
from bighead.resources.offline_store import DeltaOfflineStore

T0 = datetime(2013, 3, 10, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
DAYS = [date(2013, 3, 1) + timedelta(days=n) for n in range(15)]


class Tables(dict[str, pl.DataFrame]):
    """Tables in memory."""

    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return str(self[table].hash_rows().sum())


def events(rows) -> pl.DataFrame:
    listed = [(n, k, T0 + timedelta(minutes=at), x) for n, (k, at, x) in enumerate(rows)]
    return pl.DataFrame(
        listed, schema={"id": pl.Int64, "k": pl.String, "ts": TIME, "x": pl.Int64}, orient="row"
    )


def asked(rows) -> pl.DataFrame:
    listed = [(n, k, T0 + timedelta(minutes=at), n % 2) for n, (k, at) in enumerate(rows)]
    return pl.DataFrame(
        listed, schema={"row": pl.Int64, "k": pl.String, "t": TIME, "y": pl.Int64}, orient="row"
    )


STAYS = FeatureSet(
    name="stays",
    owner="t",
    keys=["k"],
    source=EventSource(table="stays", event_time="ts", event_id="id", delay="10m", start_date="2013-03-01"),
    aggregations=[Aggregation("x", operation, ["1h", "3d"]) for operation in ("count", "sum", "max", "last")],
)
HOSTS = FeatureSet(name="hosts", owner="t", keys=["k"], source=EntitySource("hosts"), columns=["stars"])
VIEWS = TrainingSet(
    name="views",
    left=LeftTable("views", known={"k": "-1d"}),
    timestamp="t",
    row_id="row",
    features=[STAYS, HOSTS, STAYS.on(prefix="again").pick("x_max_3d")],
    label=Label("y", "1d"),
)
HOST_ROWS = pl.DataFrame(
    {"ds": ["2013-03-01", "2013-03-08", "2013-03-08"], "k": ["a", "a", "b"], "stars": [1, 2, 3]}
)
minutes = st.integers(-8 * 1440, 4 * 1440)
event_rows = st.lists(st.tuples(st.sampled_from("abc"), minutes, st.none() | st.integers(-9, 9)), max_size=30)
question_rows = st.lists(st.tuples(st.sampled_from(["a", "b", "z", None]), minutes), min_size=1, max_size=10)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(event_rows, question_rows)
def test_backfill_then_join_is_the_join_from_the_source(rows, questions):
    tables = Tables(stays=events(rows), hosts=HOST_ROWS)
    with TemporaryDirectory() as folder:
        store = DeltaOfflineStore(Path(folder))
        counts = backfill(STAYS, DAYS, tables, store)
        backfill(HOSTS, DAYS, tables, store)
        direct = build_training_set(VIEWS, asked(questions), SourceRows(tables))
        stored = build_training_set(VIEWS, asked(questions), StoreRows(store))
    assert stored.frame.equals(direct.frame)
    assert stored.report == direct.report
    assert sum(counts.values()) == len(rows)
    assert list(counts) == DAYS


# Few examples: without memory each is dealt to hundreds of files. `test_large_join.py` has the many.
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(event_rows, question_rows)
def test_a_join_in_files_is_the_join_in_memory(rows, questions):
    tables = Tables(stays=events(rows), hosts=HOST_ROWS)
    with TemporaryDirectory() as folder:
        store = DeltaOfflineStore(Path(folder))
        backfill(STAYS, DAYS, tables, store)
        backfill(HOSTS, DAYS, tables, store)
        stored = build_training_set(VIEWS, asked(questions), StoreRows(store))
        spilled = build_training_set(VIEWS, asked(questions), StoreRows(store), Memory(1))
        with training_rows(VIEWS, asked(questions), StoreRows(store), Memory(1)) as lazy:
            rows_of_files = lazy.collect()
    assert spilled.frame.equals(stored.frame)
    assert rows_of_files.equals(stored.frame)


def test_there_is_one_row_for_each_question_in_order_duplicates_kept():
    questions = asked([("b", 5), ("a", 3), ("b", 5), (None, 1)])
    frame = build_training_set(
        VIEWS, questions, SourceRows(Tables(stays=events([("b", -30, 7)]), hosts=HOST_ROWS))
    ).frame
    assert frame["row"].to_list() == [0, 1, 2, 3]
    assert frame["stays_x_sum_1h"].to_list() == [7, None, 7, None]
    assert frame["stays_x_count_1h"].to_list() == [1, 0, 1, None]
    assert frame["hosts_stars"].to_list() == [3, 2, 3, None]
    assert frame["again_stays_x_max_3d"].to_list() == [7, None, 7, None]


def test_columns_that_the_set_does_not_name_are_left_behind():
    questions = asked([("a", 0)]).with_columns(landed_at=pl.lit(1))
    frame = build_training_set(VIEWS, questions, SourceRows(Tables(stays=events([]), hosts=HOST_ROWS))).frame
    assert frame.columns[:4] == ["row", "t", "k", "y"]
    assert set(frame.columns[4:]) == set(VIEWS.input_columns)


def test_days_are_written_once_each_and_again_without_doubling(tmp_path):
    tables = Tables(stays=events([("a", 0, 1), ("a", 1440, 2)]))
    store = DeltaOfflineStore(tmp_path)
    apart = [date(2013, 3, 10), date(2013, 3, 13), date(2013, 3, 11)]
    assert backfill(STAYS, apart, tables, store) == {apart[0]: 1, apart[2]: 1, apart[1]: 0}
    first = store.scan("stays", T0, T0 + timedelta(days=9)).collect().sort("event_time")
    backfill(STAYS, apart[:1], tables, store)
    assert store.scan("stays", T0, T0 + timedelta(days=9)).collect().sort("event_time").equals(first)
    assert store.days("stays") == set(apart)


def test_the_store_knows_which_days_it_lacks(tmp_path):
    store = DeltaOfflineStore(tmp_path)
    reader = StoreRows(store)
    backfill(STAYS, DAYS[:5], Tables(stays=events([])), store)
    assert reader.lacking(STAYS, T0 - timedelta(days=30), T0 - timedelta(days=4)) == []
    assert reader.lacking(STAYS, T0 - timedelta(days=30), T0 - timedelta(days=3)) == [date(2013, 3, 6)]
    endless = FeatureSet(
        name="stays",
        owner="t",
        keys=["k"],
        source=EventSource("stays", "ts"),
        aggregations=[Aggregation("x", "sum")],
    )
    assert reader.lacking(endless, None, T0) == [date.min]


def test_null_in_a_key_that_fixes_the_label_is_a_leak():
    rows = [(n, "a" if n % 5 else None, T0, 1 if n % 5 == 0 else n % 2) for n in range(400)]
    left = pl.DataFrame(
        rows, schema={"row": pl.Int64, "k": pl.String, "t": TIME, "y": pl.Int64}, orient="row"
    )
    with pytest.raises(
        DataError, match=r"missingness_leak .* 'k' is null in 80 rows, and 'y' is 1 in all .* 60\.0%"
    ) as caught:
        build_training_set(VIEWS, left, SourceRows(Tables(stays=events([]), hosts=HOST_ROWS)))
    assert "remove these rows" in str(caught.value)


@pytest.mark.parametrize(
    ("nulls", "labels_of_nulls", "share", "found"),
    [
        (50, [1], 0.3, True),
        (49, [1], 0.3, False),
        (60, [0, 1], 0.3, False),
        (60, [0], 0.001, False),
        (60, [1], 0.001, True),
    ],
)
def test_a_leak_is_fifty_nulls_of_one_label_that_chance_does_not_explain(
    nulls, labels_of_nulls, share, found
):
    others = 10_000
    labels = [labels_of_nulls[n % len(labels_of_nulls)] for n in range(nulls)] + [
        int(n < share * others) for n in range(others)
    ]
    frame = pl.DataFrame({"c": [None] * nulls + ["x"] * others, "y": labels})
    assert [f.column for f in missingness_leak(frame, ["c"], "y")] == (["c"] if found else [])


@pytest.mark.parametrize(
    ("left", "error", "words"),
    [
        ({"row": [1], "k": ["a"], "t": [T0]}, SchemaError, "'views' lacks the column 'y'"),
        ({"row": [], "k": [], "t": pl.Series([], dtype=TIME), "y": []}, DataError, "no questions"),
    ],
)
def test_left_tables_that_cannot_be_asked(left, error, words):
    with pytest.raises(error, match=words):
        build_training_set(VIEWS, pl.DataFrame(left), SourceRows(Tables(stays=events([]), hosts=HOST_ROWS)))


def test_a_query_is_bound_to_the_days_that_are_read():
    source = EventSource(
        query="SELECT k, ts, x + 1 AS x FROM stays WHERE ds BETWEEN '{{start_date}}' AND '{{ end_date }}'",
        dependencies=["stays"],
        event_time="ts",
        start_date="2013-03-05",
    )
    feature_set = FeatureSet(
        name="q", owner="t", keys=["k"], source=source, aggregations=[Aggregation("x", "sum", ["1h"])]
    )
    raw = events([("a", 1440 * n, n) for n in range(-8, 6)]).with_columns(
        ds=pl.col("ts").dt.strftime("%Y-%m-%d")
    )
    rows = SourceRows(Tables(stays=raw)).rows(feature_set, T0 - timedelta(days=7), T0 + timedelta(days=1))
    assert rows["x"].to_list() == [n + 1 for n in range(-5, 1)]
    broken = SourceRows(Tables(stays=raw.drop("ds")))
    with pytest.raises(DefinitionError, match="the query of 'q' does not run"):
        broken.rows(feature_set, T0, T0 + timedelta(days=1))


@settings(max_examples=25, deadline=None)
@given(event_rows, minutes, st.sampled_from("ab"))
def test_a_trace_names_the_events_that_make_the_value(rows, at, k):
    cleaned = clean(events(rows), STAYS)
    when = T0 + timedelta(minutes=at)
    question = pl.DataFrame({"k": [k], "t": [when]}, schema_overrides={"t": TIME})
    values = values_at(question, STAYS.on(), cleaned, "t")[0].row(0, named=True)
    for window in ("1h", "3d"):
        made = {
            op: trace(STAYS, f"x_{op}_{window}", {"k": k}, when, cleaned)["x"].to_list()
            for op in ("count", "sum", "max", "last")
        }
        assert values[f"stays_x_count_{window}"] == len(made["count"])
        assert values[f"stays_x_sum_{window}"] == (sum(made["sum"]) if made["sum"] else None)
        assert set(made["max"]) == {values[f"stays_x_max_{window}"]} - {None}
        assert made["last"] == [x for x in [values[f"stays_x_last_{window}"]] if x is not None]


@pytest.mark.parametrize(
    ("feature_set", "feature", "key", "error", "words"),
    [
        (STAYS, "x_max_4d", {"k": "a"}, UnknownNameError, "Did you mean 'stays_x_max_3d'"),
        (STAYS, "x_max_3d", {"listing": "a"}, DefinitionError, "Expected"),
        (HOSTS, "hosts_stars", {"k": "a"}, DefinitionError, "is a fact"),
    ],
)
def test_traces_that_cannot_be_told(feature_set, feature, key, error, words):
    with pytest.raises(error, match=words):
        trace(feature_set, feature, key, T0, clean(events([]), STAYS))


def test_the_rows_that_are_read_reach_to_the_start_of_the_longest_window():
    # The window of 3 d starts on the hour, so that it reaches 59 minutes further back than 3 d.
    at_start = events([("a", 59 - 3 * 1440 - 59, 5), ("a", 59 - 3 * 1440 - 60, 7)])
    frame = build_training_set(
        VIEWS, asked([("a", 59)]), SourceRows(Tables(stays=at_start, hosts=HOST_ROWS))
    ).frame
    assert frame["stays_x_sum_3d"].to_list() == [5]
