"""Sets built on sets: what a definition refuses, how it is written, and what its hashes depend on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from bighead.pipeline_lib.errors import (
    DefinitionError,
    LeakError,
    NameCollisionError,
    UnknownNameError,
)
from bighead.pipeline_lib.features import (
    Aggregation,
    Catalog,
    ChainedSource,
    EntitySource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.features.chain import chain_of, upstream_first
from bighead.pipeline_lib.features.codec import from_json, from_yaml, to_json, to_yaml
from bighead.pipeline_lib.features.json_schema import feature_set_schema
from bighead.pipeline_lib.features.lineage import Lineage, Node
from bighead.pipeline_lib.features.names import within
from bighead.pipeline_lib.features.row_definition import row_definition

EDITOR = Draft202012Validator(feature_set_schema())
SELLERS = FeatureSet(
    name="sellers",
    owner="t",
    keys=["seller"],
    source=EventSource("ratings", "at"),
    aggregations=[Aggregation("stars", "average", ["30d", "90d"])],
)
ORDERS = EventSource("orders", "ts", event_id="id", start_date="2013-01-01", select={"gross": "price + fee"})
STARS = "sellers_stars_average_30d"


def buyers(**changed: object) -> FeatureSet:
    source: dict[str, object] = {"left": ORDERS, "features": [SELLERS.on(seller="sold_by")]}
    source |= {"select": {"risk": f"gross / {STARS}"}, "where": "gross > 0"}
    given: dict[str, object] = {"aggregations": [Aggregation("risk", "sum", ["7d"])]}
    source |= {
        name: value for name, value in changed.items() if name in ("left", "features", "select", "where")
    }
    given |= {name: value for name, value in changed.items() if name not in source}
    return FeatureSet(name="buyers", owner="t", keys=["buyer"], source=ChainedSource(**source), **given)  # type: ignore[arg-type]


ASKED = TrainingSet(
    name="asked",
    left=LeftTable("orders", known={"sold_by": "0s", "buyer": "0s", "gross": "0s"}),
    timestamp="ts",
    row_id="id",
    features=["sellers"],
    label=Label("returned", "30d"),
)


def test_it_reads_the_columns_and_features_that_its_inputs_are_made_of():
    chain = chain_of(buyers())
    assert chain.outputs == (STARS,)
    assert set(chain.left.keys) | set(chain.left.inputs) == {"buyer", "gross", "sold_by"}
    filtered = buyers(
        aggregations=[
            Aggregation("gross", "sum", ["7d"], where="sellers_stars_average_90d > 3", name="good")
        ],
        select=None,
    )
    assert chain_of(filtered).outputs == ("sellers_stars_average_90d",)


@pytest.mark.parametrize(
    "of",
    [
        buyers(),
        buyers(features=["sellers", SELLERS.on(seller="sold_by", prefix="again").pick("stars_average_30d")]),
        buyers(left="asked", features=[]),
        buyers(left=replace(ASKED, features=[SELLERS.on(seller="sold_by")]), features=[], where="buyer > 3"),
    ],
    ids=["uses", "names", "a training set's name", "a training set"],
)
def test_it_is_written_and_read_back(of):
    assert from_json(to_json(of)) == of
    assert from_yaml(to_yaml(of)) == of
    import yaml

    EDITOR.validate(yaml.safe_load(to_yaml(of)))


def test_yaml_names_what_it_is_built_on():
    read = from_yaml(
        """
name: buyers
owner: t
keys: [buyer]
source:
  kind: chained
  left: {table: orders, event_time: ts, event_id: id, select: {seller: sold_by, gross: price + fee}}
  features: ["sellers:stars_average_30d"]
  select: {risk: gross / sellers_stars_average_30d}
operation: sum
windows: [7d]
features: {risk: How dear what badly rated ones sell is}
"""
    )
    with pytest.raises(DefinitionError, match="no catalogue has resolved"):
        _ = read.hash
    [made] = [each for each in Catalog([SELLERS, read]).feature_sets.values() if each.name == "buyers"]
    assert chain_of(made).outputs == (STARS,)
    assert from_yaml(to_yaml(made)) == made


@pytest.mark.parametrize(
    ("changed", "error", "told"),
    [
        ({"left": replace(ORDERS, stream="orders")}, DefinitionError, "has the stream 'orders'"),
        ({"features": []}, DefinitionError, "at least one feature set"),
        ({"left": ASKED}, DefinitionError, "no features beside a training set"),
        ({"left": EntitySource("orders")}, DefinitionError, "left to be an EventSource"),
        ({"features": [SELLERS, SELLERS.on(seller="sold_by")]}, NameCollisionError, STARS),
        ({"select": {STARS: "gross"}}, NameCollisionError, STARS),
        ({"features": [3]}, DefinitionError, "3 is among the features"),
        ({"select": {"risk": "gross"}}, DefinitionError, "uses no feature of 'sellers'"),
        ({"select": {"risk": f"gross / ( {STARS}"}}, DefinitionError, "is no SQL expression"),
    ],
    ids=str,
)
def test_what_cannot_be_chained_is_refused(changed, error, told):
    with pytest.raises(error, match=told):
        buyers(**changed)


@pytest.mark.parametrize(
    ("sql", "told"), [("returned + {}", "reads the label 'returned'"), ("mood + {}", "when it is known")]
)
def test_of_a_training_set_neither_the_label_nor_what_is_unknown_is_read(sql, told):
    asked = replace(ASKED, features=[SELLERS.on(seller="sold_by")])
    with pytest.raises(LeakError, match=told):
        buyers(left=asked, features=[], select={"risk": sql.format(STARS)}, where=None)


def test_a_training_set_as_the_left_side_is_its_rows_with_its_features():
    asked = replace(ASKED, features=[SELLERS.on(seller="sold_by")])
    left = EventSource("orders", "ts", event_id="id")
    same = {"select": {"risk": f"gross / {STARS}"}, "where": None}
    assert buyers(left=asked, features=[], **same).hash == buyers(left=left, **same).hash


def test_hashes_follow_what_is_read_of_the_sets_below():
    def on(made: FeatureSet) -> FeatureSet:
        return buyers(features=[made.on(seller="sold_by")])

    now = on(SELLERS)
    for same in (
        replace(SELLERS, owner="u", docs={"stars": "of five"}, tags=["x"]),
        replace(SELLERS, aggregations=[*SELLERS.aggregations, Aggregation("stars", "min", ["7d"])]),
        replace(SELLERS, aggregations=[Aggregation("stars", "average", ["30d", "1y"])]),
        replace(SELLERS, source=replace(SELLERS.source, stream="ratings", start_date="2012-01-01")),
    ):
        assert (on(same).hash, row_definition(on(same))) == (now.hash, row_definition(now))
    for other in (
        replace(SELLERS, boundary="inclusive"),
        replace(SELLERS, version=2),
        replace(SELLERS, max_age="3d"),
        replace(SELLERS, source=replace(SELLERS.source, where="stars > 0")),
        replace(SELLERS, source=replace(SELLERS.source, table="others")),
    ):
        assert on(other).hash != now.hash
        [change] = row_definition(now).changes(row_definition(on(other)))
        assert change.field == "select.risk"
    assert buyers(features=[SELLERS.on(seller="shipped_by")]).hash != now.hash
    assert buyers(left=replace(ORDERS, table="o")).hash != now.hash
    where = buyers(where="gross > 1")
    assert [each.field for each in row_definition(now).changes(row_definition(where))] == ["source.where"]
    more = buyers(aggregations=[*now.aggregations, Aggregation("fee", "sum", ["7d"])])
    assert not row_definition(now).changes(row_definition(more))
    assert row_definition(now).added(row_definition(more)) == ("fee",)


def test_a_third_set_depends_on_the_first():
    def third(first: FeatureSet) -> FeatureSet:
        second = buyers(features=[first.on(seller="sold_by")])
        left = EventSource("visits", "ts")
        return FeatureSet(
            name="cities",
            owner="t",
            keys=["city"],
            source=ChainedSource(left, [second]),
            aggregations=[Aggregation("buyers_risk_sum_7d", "max", ["1d"])],
        )

    assert third(SELLERS).hash != third(replace(SELLERS, version=2)).hash
    below, _ = within([third(SELLERS)], [])
    assert {each.name for each in below} == {"cities", "buyers", "sellers"}
    assert [each.name for each in upstream_first([third(SELLERS), SELLERS])] == ["sellers", "cities"]


def named(name: str, on: list[str]) -> FeatureSet:
    left = EventSource("orders", "ts")
    used = on[0].partition(":")[0]
    return FeatureSet(
        name=name,
        owner="t",
        keys=["k"],
        source=ChainedSource(left, on),
        aggregations=[Aggregation(f"{used}_{name}_sum_7d", "sum", ["7d"])],
    )


def test_circles_are_refused_with_the_way_round():
    with pytest.raises(DefinitionError, match=r"feature set 'a' on feature set 'b' on feature set 'a'"):
        Catalog([named("a", ["b"]), named("b", ["a"])])
    with pytest.raises(DefinitionError, match="'a' on feature set 'a'"):
        Catalog([named("a", ["a"])])
    asked = replace(ASKED, features=["buyers"])
    with pytest.raises(DefinitionError, match="built on each other"):
        Catalog([SELLERS, buyers(left="asked", features=[])], [asked])
    with pytest.raises(UnknownNameError, match="seller"):
        Catalog([SELLERS, buyers(features=["selers"])])


def test_training_sets_and_uses_see_what_names_became():
    left = replace(ORDERS, select={"gross": "price + fee", "seller": "sold_by"})
    written = buyers(left=left, features=["sellers"])
    visits = replace(ASKED, name="visits", features=[written], label=Label("late", "1d"))
    catalog = Catalog([SELLERS, written], [visits])
    [used] = catalog.training_sets["visits"].feature_sets
    assert used == catalog.feature_sets["buyers"]
    assert used.hash == buyers(left=left, features=[SELLERS]).hash
    assert catalog.use("buyers:risk_sum_7d").set == used


def test_lineage_goes_through_sets_both_ways():
    asked = replace(ASKED, features=[SELLERS.on(seller="sold_by")])
    made = buyers(left=asked, features=[], where=None)
    lineage = Lineage([SELLERS, made], [asked], {"model": "asked"})
    set_node, below = Node("feature set", "buyers"), Node("feature set", "sellers")
    assert set(lineage.upstream(set_node)) == {
        below,
        Node("table", "orders"),
        Node("table", "ratings"),
        Node("training set", "asked"),
    }
    assert set_node in lineage.downstream(below)
    assert set_node in lineage.downstream(Node("table", "ratings"))
