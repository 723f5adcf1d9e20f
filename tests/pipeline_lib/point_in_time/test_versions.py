"""Mutations become versions: at any time those in force are what replaying the mutations by hand gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutation_oracle import rows_in_force

from bighead.pipeline_lib.errors import DataError, EventTimeError, SchemaError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.point_in_time import answers_at
from bighead.pipeline_lib.point_in_time.clean import UNTIL, clean
from bighead.pipeline_lib.point_in_time.versions import versions

T0 = datetime(1969, 12, 31, 23, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
SCHEMA = {"id": pl.Int64, "k": pl.String, "ts": pl.Datetime("us", "UTC"), "x": pl.Float64,
          "mutated": pl.Datetime("us", "UTC"), "known": pl.Datetime("us", "UTC"), "opens": pl.Boolean,
          "seq": pl.Int64}  # fmt: skip
moments = st.integers(-2, 6).map(lambda n: T0 + n * MICRO)
mutations = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(0, 2),
            "k": st.sampled_from(["a", "b"]),
            "ts": moments,
            "x": st.sampled_from([0.5, 1.0, None]),
            "mutated": moments,
            "late": st.sampled_from([0, 0, 1, 4]),
            "opens": st.booleans(),
            "seq": st.none() | st.integers(0, 1),
        }
    ).map(lambda row: {"known": row["mutated"] + row.pop("late") * MICRO, **row}),
    max_size=12,
)


def frame(rows: list[dict]) -> pl.DataFrame:
    return pl.DataFrame([{name: row[name] for name in SCHEMA} for row in rows], schema=SCHEMA)


def told(rows: list[dict]) -> pl.DataFrame:
    """The mutations as `versions` takes them, told by operations."""
    names = {"ts": "event_time", "known": "available_at", "id": "event_id"}
    operation = pl.when("opens").then(pl.lit("u")).otherwise(pl.lit("d"))
    return frame(rows).with_columns(operation.alias("op")).drop("opens").rename(names)


def found(held: pl.DataFrame, at: datetime, *, inclusive: bool) -> list[tuple]:
    before = (lambda each: each <= at) if inclusive else (lambda each: each < at)
    there = held.filter(before(pl.col("available_at")), ~before(pl.col(UNTIL)).fill_null(False))
    return sorted(there.select("event_id", "k", "event_time", "x").iter_rows(), key=repr)


def listed(rows: list[dict]) -> list[tuple]:
    return sorted([tuple(row[name] for name in ("id", "k", "ts", "x")) for row in rows], key=repr)


@given(mutations, st.booleans())
@settings(max_examples=150, deadline=None)
def test_versions_in_force_are_what_the_last_known_mutation_says(rows, inclusive):
    held = versions(told(rows), Mutations("mutated", operation="op", sequence="seq"))
    assert held.columns == ["event_id", "k", "event_time", "x", "available_at", UNTIL] or not rows
    assert held.schema[UNTIL] == SCHEMA["known"]
    assert held.filter(pl.col(UNTIL) <= pl.col("available_at")).is_empty()
    for n in range(-3, 14):
        at = T0 + n * MICRO
        expected = rows_in_force(rows, at, inclusive=inclusive)
        assert found(held, at, inclusive=inclusive) == listed(expected)


@given(mutations, st.randoms(use_true_random=False), st.integers(1, 2))
@settings(max_examples=60, deadline=None)
def test_neither_order_nor_copies_of_mutations_change_a_version(rows, random, times):
    declared = Mutations("mutated", operation="op", sequence="seq")
    shuffled = rows * times
    random.shuffle(shuffled)
    assert versions(told(shuffled), declared).equals(versions(told(rows), declared))


@st.composite
def histories(draw):
    """Rows that change one image after the other, as a log with images tells it; late by up to four steps."""
    rows = []
    for id in range(draw(st.integers(0, 3))):
        state, step = None, draw(st.integers(-2, 1))
        for _ in range(draw(st.integers(0, 5))):
            step += draw(st.sampled_from([1, 1, 2]))
            new = draw(st.none() | st.fixed_dictionaries(
                {"k": st.sampled_from("ab"), "ts": moments, "x": st.sampled_from([0.5, 1.0])}))  # fmt: skip
            known = T0 + (step + draw(st.sampled_from([0, 3]))) * MICRO
            images = [(False, state)] * (state is not None) + [(True, new)] * (new is not None)
            rows += [{"id": id, **image, "mutated": T0 + step * MICRO, "known": known, "opens": opens, "seq": None}
                     for opens, image in images]  # fmt: skip
            state = new
    return draw(st.permutations(rows))


@given(histories())
@settings(max_examples=100, deadline=None)
def test_images_before_and_after_a_change_tell_the_same(rows):
    names = {"ts": "event_time", "known": "available_at", "id": "event_id"}
    raw = frame(rows).with_columns((~pl.col("opens")).alias("before")).drop("opens", "seq").rename(names)
    held = versions(raw, Mutations("mutated", is_before="before"))
    for n in range(-3, 16):
        at = T0 + n * MICRO
        assert found(held, at, inclusive=False) == listed(rows_in_force(rows, at, images=True))


def hour(n: int) -> datetime:
    return T0 + timedelta(hours=n)


def orders(mutations: Mutations, **source) -> FeatureSet:
    given = {"event_time": "ts", "event_id": "id", "mutations": mutations, **source}
    return FeatureSet(
        name="orders",
        owner="t",
        keys=["k"],
        source=EventSource("orders", **given),
        aggregations=[Aggregation("x", "sum", ["1d"])],
    )


COLUMNS = ["id", "k", "ts", "x", "mutation_time", "op"]
IMAGES = ["id", "k", "ts", "x", "mutation_time", "before"]


def held(rows: list[tuple], feature_set: FeatureSet, columns: list[str] = COLUMNS) -> list[tuple]:
    made = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
    cleaned = clean(made, feature_set)
    assert cleaned.columns == ["k", "event_time", "available_at", "available_to", "event_id", "x"]
    return [(row[0], *((each - T0) // timedelta(hours=1) if each else None for each in row[1:4]), row[5])
            for row in cleaned.iter_rows()]  # fmt: skip


def test_an_update_closes_and_opens_and_a_delete_closes():
    rows = [
        (1, "a", hour(0), 5, hour(1), "c"),
        (1, "a", hour(0), 6, hour(2), "u"),
        (1, None, None, None, hour(4), "D"),
    ]
    assert held(rows, orders(Mutations(operation="op"))) == [("a", 0, 1, 2, 5), ("a", 0, 2, 4, 6)]


def test_each_version_carries_its_own_key_and_time():
    rows = [(1, "a", hour(0), 5, hour(1), "insert"), (1, "b", hour(9), 5, hour(2), "update")]
    assert held(rows, orders(Mutations(operation="op"))) == [("a", 0, 1, 2, 5), ("b", 9, 9, None, 5)]


def test_a_delete_that_arrives_before_its_insert_leaves_a_tombstone():
    rows = [
        (1, None, None, None, hour(3), "delete", hour(3)),
        (1, "a", hour(0), 5, hour(1), "insert", hour(4)),
    ]
    feature_set = orders(Mutations(operation="op"), available_at="seen")
    assert held(rows, feature_set, [*COLUMNS, "seen"]) == []


def test_where_chooses_versions_so_that_an_update_to_what_it_leaves_out_ends_the_one_before():
    rows = [
        (1, "a", hour(0), 5, hour(1), "c"),
        (1, "a", hour(0), 500, hour(2), "u"),
        (1, "a", hour(0), 7, hour(3), "u"),
    ]
    assert held(rows, orders(Mutations(operation="op"), where="x < 100")) == [
        ("a", 0, 1, 2, 5),
        ("a", 0, 3, None, 7),
    ]


def test_within_a_moment_deletes_come_first_unless_a_sequence_says_otherwise():
    rows = [(1, "a", hour(0), 5, hour(1), "c", "a1"), (1, "a", hour(0), None, hour(1), "d", "a2")]
    columns = [*COLUMNS, "lsn"]
    assert held(rows, orders(Mutations(operation="op")), columns) == [("a", 0, 1, None, 5)]
    assert held(rows, orders(Mutations(operation="op", sequence="lsn")), columns) == []


def test_a_delay_and_a_column_say_when_a_mutation_was_known():
    rows = [(1, "a", hour(0), 5, hour(1), "c"), (1, None, None, None, hour(2), "d")]
    assert held(rows, orders(Mutations(operation="op"), delay="3h")) == [("a", 0, 4, 5, 5)]


def test_images_may_tell_a_part_of_the_row_and_the_last_of_a_moment_counts():
    rows = [
        (1, "a", hour(0), 5, hour(1), False),
        (1, None, None, None, hour(2), True),
        (1, "a", hour(0), 9, hour(2), False),
        (1, "a", hour(0), 9, hour(2), True),
        (1, "a", hour(0), 8, hour(2), False),
    ]
    assert held(rows, orders(Mutations(is_before="before")), IMAGES) == [
        ("a", 0, 1, 2, 5),
        ("a", 0, 2, None, 8),
    ]


def test_a_deleted_row_keeps_no_value_young():
    rows = [
        (1, "a", hour(0), 5, hour(0), "c"),
        (2, "a", hour(4), 7, hour(4), "c"),
        (2, None, None, None, hour(6), "d"),
    ]
    aged = replace(orders(Mutations(operation="op")), max_age="5h")
    cleaned = clean(pl.DataFrame(rows, schema=COLUMNS, orient="row"), aged)
    left = pl.DataFrame({"k": ["a"] * 3, "t": [hour(5), hour(6), hour(7)]})
    answers = answers_at(left.cast({"t": SCHEMA["ts"]}), aged.on(), cleaned, "t")
    assert answers.values.to_series().to_list() == [12, 12, None]
    assert answers.statuses.to_series().to_list() == ["present", "present", "stale"]


BAD = [
    ([(1, "a", hour(0), 5, hour(1), None)], COLUMNS, DataError, "is null in 1 of 1 rows"),
    ([(1, "a", hour(0), 5, hour(1), "deleted")], COLUMNS, DataError, "Did you mean 'delete'"),
    ([(1, "a", hour(0), 5, hour(1), 7)], COLUMNS, SchemaError, "Expected text"),
    ([(None, "a", hour(0), 5, hour(1), "c")], COLUMNS, DataError, "It names the row"),
    (
        [(1, "a", None, 5, hour(1), "c")],
        COLUMNS,
        EventTimeError,
        "'ts' of the source of 'orders' is null in 1 of 1",
    ),
    ([(1, "a", hour(0), 5, None, "d")], COLUMNS, EventTimeError, "'mutation_time'"),
    ([(1, "a", hour(0), 5, hour(1), "yes")], IMAGES, SchemaError, "Expected truths"),
    (
        [(1, "a", hour(0), 5, hour(1), False), (1, "a", hour(0), 4, hour(2), True)],
        IMAGES,
        DataError,
        "1 images before a change contradict the source of 'orders': of 1 one says 'x' was 4, where 5 stands",
    ),
]


@pytest.mark.parametrize(("rows", "columns", "error", "said"), BAD, ids=[each[3][:30] for each in BAD])
def test_what_no_mutation_can_mean_is_refused(rows, columns, error, said):
    declared = Mutations(operation="op") if columns is COLUMNS else Mutations(is_before="before")
    types = {"ts": SCHEMA["ts"], "mutation_time": SCHEMA["ts"]}
    made = pl.DataFrame(rows, schema={name: types.get(name) for name in columns}, orient="row")
    with pytest.raises(error, match=said):
        clean(made, orders(declared))


def test_a_sequence_of_floats_has_no_exact_order():
    made = pl.DataFrame([(1, "a", hour(0), 5, hour(1), "c", 0.5)], schema=[*COLUMNS, "lsn"], orient="row")
    with pytest.raises(SchemaError, match="Expected integers, text or times"):
        clean(made, orders(Mutations(operation="op", sequence="lsn")))
