"""A set built on a training set sees what that derives, and rows that are dealt are those of one join in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from feature_oracle import Reading, values_of
from hypothesis import given, settings
from hypothesis import strategies as st
from rated_orders import BUYERS, DAYS, END, LEFT, ORDERS, RATINGS, SELLERS, T0, Tables, ask, tables

from bighead.pipeline_lib.errors import DataError, DefinitionError, LeakError, NameCollisionError, SchemaError
from bighead.pipeline_lib.features import (
    Aggregation,
    Catalog,
    ChainedSource,
    FeatureSet,
    Input,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.features.chain import chain_of
from bighead.pipeline_lib.features.codec import from_json, from_yaml, to_json, to_yaml
from bighead.pipeline_lib.features.row_definition import row_definition
from bighead.pipeline_lib.point_in_time import Memory, SourceRows, StoreRows, backfill, build_training_set
from bighead.resources.offline_store import DeltaOfflineStore

ASKED = TrainingSet(
    name="asked",
    left=LeftTable("orders", known={"sold_by": "0s", "buyer": "0s"}),
    timestamp="ts",
    row_id="id",
    inputs=[Input("price", "float64", known="0s")],
    features=[SELLERS.on(seller="sold_by")],
    label=Label("returned", "30d"),
    derivations={
        "a_star": "price / sellers_stars_count_1d",
        "dear": "a_star > 1 AND EXTRACT(hour FROM ts) < 20",
        "unread": "sellers_stars_sum_2d + 1",
    },
)
ON_IT = FeatureSet(
    name="on_it",
    owner="t",
    keys=["buyer"],
    source=ChainedSource(ASKED, select={"twice": "a_star * 2"}, where="sold_by <> 'nobody'"),
    aggregations=[
        Aggregation("twice", "sum", ["3d"]),
        Aggregation("a_star", "last", ["unbounded"]),
        Aggregation("price", "sum", ["2d"], where="dear", name="dearly"),
    ],
)


def in_plain_python(rated: list[dict[str, Any]], sold: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for row in sold:
        carried = values_of(SELLERS, rated, (row["sold_by"],), row["ts"], Reading({}))
        price, count = row["price"], carried["sellers_stars_count_1d"]
        star = None if price is None or not count else price / count
        dear = star is not None and star > 1 and row["ts"].hour < 20
        if row["sold_by"] not in (None, "nobody"):
            twice = None if star is None else 2 * star
            made.append({**row, "a_star": star, "dear": dear, "twice": twice})
    return made


READING = Reading({"dear": lambda row: row["dear"]})
FLAT = replace(ON_IT, source=replace(LEFT, available_at="ts"))
hours = st.integers(0, 70).map(lambda n: T0 + timedelta(hours=n))
rated_rows = st.lists(st.tuples(st.sampled_from("st"), hours, st.integers(-3, 5)), max_size=10).map(
    lambda rows: [
        {"n": n, "seller": who, "at": at, "known": at, "stars": float(stars)}
        for n, (who, at, stars) in enumerate(rows)
    ]
)
sellers = st.sampled_from(["s", "t", "nobody", None])
sold_rows = st.lists(
    st.tuples(st.sampled_from("ab"), sellers, hours, st.none() | st.integers(-1, 4)), max_size=8
).map(
    lambda rows: [
        {"id": n, "buyer": who, "sold_by": by, "ts": at, "price": price}
        for n, (who, by, at, price) in enumerate(rows)
    ]
)


@given(rated_rows, sold_rows, st.lists(st.tuples(st.sampled_from("abc"), hours), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_derivations_are_those_of_plain_python(rated, sold, asked):
    rows = SourceRows(tables(rated, sold)).rows(ON_IT, None, END)
    steps = in_plain_python(rated, sold)
    for (key, at), row in zip(asked, ask(ON_IT, rows, asked), strict=True):
        assert row == pytest.approx(values_of(FLAT, steps, (key,), at, READING), abs=1e-9)


def test_rows_carry_what_the_training_set_itself_holds():
    given = tables(RATINGS, ORDERS)
    rows = SourceRows(given).rows(ON_IT, None, END).sort("event_id")
    left = given["orders"].with_columns(returned=pl.lit(0))
    built = build_training_set(ASKED, left, SourceRows(given)).frame.sort("id")
    assert rows["a_star"].equals(built["a_star"])
    assert rows["a_star"].drop_nulls().len() > 5
    assert [each.name for each in chain_of(ON_IT).derived] == ["a_star", "dear"]


def on(asked: TrainingSet) -> FeatureSet:
    return replace(ON_IT, source=replace(ON_IT.source, left=asked))


def test_the_hash_follows_the_derivations_that_are_read():
    def changed(**derivations: str) -> FeatureSet:
        return on(replace(ASKED, derivations={**ASKED.derivations, **derivations}))

    assert changed(unread="1 + sellers_stars_count_1d").hash == ON_IT.hash
    other = changed(a_star="price / (sellers_stars_count_1d + 1)")
    assert other.hash != ON_IT.hash
    fields = {each.field for each in row_definition(ON_IT).changes(row_definition(other))}
    assert fields == {"select.a_star", "select.dearly", "select.twice"}
    whole = on(replace(ASKED, inputs=[Input("price", "int64", known="0s")]))
    assert whole.hash != ON_IT.hash
    assert from_yaml(to_yaml(ON_IT)) == from_json(to_json(ON_IT)) == ON_IT
    named = replace(on(ASKED), source=replace(ON_IT.source, left="asked"))
    assert Catalog([SELLERS, named], [ASKED]).feature_sets["on_it"].hash == ON_IT.hash


def test_derivations_without_a_feature_are_enough():
    alone = replace(ASKED, derivations={"half": "price / 2"})
    made = replace(ON_IT, source=ChainedSource(alone), aggregations=[Aggregation("half", "sum", ["3d"])])
    rows = SourceRows(tables(RATINGS, ORDERS)).rows(made, None, END).sort("event_id")
    assert rows["half"].to_list() == [row["price"] / 2 for row in ORDERS]


def test_what_a_training_set_refuses_is_refused():
    with pytest.raises(NameCollisionError, match="a_star"):
        replace(ON_IT.source, select={"a_star": "price"})
    with pytest.raises(LeakError, match="reads the label 'returned'"):
        replace(ON_IT, source=replace(ON_IT.source, where="dear AND returned = 1"))
    with pytest.raises(DefinitionError, match="no feature"):
        replace(ON_IT, aggregations=[Aggregation("price", "sum", ["3d"])], source=ChainedSource(ASKED))
    strict = replace(ASKED, inputs=[Input("price", "float64", known="0s", nullable=False)])
    missing = [{**row, "price": None} for row in ORDERS]
    with pytest.raises(DataError, match="nullable=False"):
        SourceRows(tables(RATINGS, missing)).rows(on(strict), None, END)
    texts = Tables(tables(RATINGS, ORDERS))
    texts["orders"] = texts["orders"].with_columns(pl.col("price").cast(pl.String))
    with pytest.raises(SchemaError, match="declared as float64"):
        SourceRows(texts).rows(ON_IT, None, END)
    doubled = Tables(tables(RATINGS, ORDERS))
    doubled["orders"] = doubled["orders"].with_columns(dear=pl.lit(1))
    with pytest.raises(NameCollisionError, match="dear"):
        SourceRows(doubled).rows(ON_IT, None, END)


@pytest.mark.parametrize("made", [BUYERS, ON_IT], ids=["events", "a training set"])
def test_a_join_that_exceeds_memory_is_spilled_and_gives_the_same_rows(made, tmp_path):
    given, stores = tables(RATINGS, ORDERS), []
    for name, memory in (("one", None), ("many", Memory(1, tmp_path / "spill"))):
        stores.append(store := DeltaOfflineStore(tmp_path / name))
        backfill(SELLERS, DAYS, given, store)
        counts = backfill(made, DAYS, given, store, memory=memory)
        assert sum(counts.values()) > 5
    one, many = (StoreRows(store).rows(made, T0, END).sort("event_id") for store in stores)
    assert one.equals(many)
    # The folder was made for what exceeded the memory, and is empty again.
    assert list((tmp_path / "spill").iterdir()) == []
