"""Derivations of training sets and declared inputs, as definitions: what is refused, and what round-trips."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bighead.pipeline_lib.errors import DefinitionError, LeakError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features import (
    Aggregation,
    Catalog,
    EventSource,
    FeatureSet,
    Input,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.features.codec import from_json, to_json
from bighead.pipeline_lib.features.request_input import INPUT_TYPES
from bighead.pipeline_lib.features.row_definition import training_rows_hash
from bighead.pipeline_lib.point_in_time.row_columns import INPUT_DTYPES


def feature_set(name: str, key: str) -> FeatureSet:
    return FeatureSet(
        name=name,
        owner="t",
        keys=[key],
        source=EventSource(table=name, event_time="ts", event_id="id"),
        aggregations=[Aggregation("x", operation, ["1d"]) for operation in ("sum", "count")],
        derivations={"mean": "x_sum_1d / x_count_1d"} if name == "guests" else {},
    )


GUESTS, HOMES = feature_set("guests", "guest"), feature_set("homes", "home")


def search(**changed) -> TrainingSet:
    given = {
        "name": "searches",
        "left": LeftTable("searches", known={"guest": "0s", "home": "0s", "device": "0s"}),
        "timestamp": "t",
        "row_id": "row",
        "features": [GUESTS, HOMES.on(prefix="the")],
        "label": Label("booked", horizon="1d"),
        "inputs": ["device", Input("price", "float64", known="0s"), Input("nights", "int64", known="-1h")],
        "derivations": {
            "share": "guests_x_sum_1d / the_homes_x_sum_1d",
            "steep": "per_night > 2 * guests_mean",
            "per_night": "price / nights",
            "hour": "EXTRACT(HOUR FROM t)",
        },
    }
    return TrainingSet(**{**given, **changed})


def test_derivations_read_features_of_several_sets_inputs_and_the_time_each_after_what_it_reads():
    made = search()
    assert [(each.name, each.level) for each in made.derived] == [
        ("hour", 1),
        ("per_night", 1),
        ("share", 1),
        ("steep", 2),
    ]
    assert set(made.derived[-1].roots) == {"price", "nights", "guests_mean"}
    assert made.input_names == ("device", "price", "nights")
    assert made.input_columns[:3] == made.input_names
    assert made.input_columns[-4:] == ("hour", "per_night", "share", "steep")


def test_the_definition_survives_json_and_its_hash_follows_what_decides_rows():
    made = search()
    assert from_json(to_json(made)) == made
    assert list(from_json(to_json(made)).derived) == list(made.derived)
    plain = search(
        features=[replace(GUESTS, derivations={}), HOMES.on(prefix="the")], inputs=["device"], derivations={}
    )
    # As it was before there were either.
    assert training_rows_hash(plain) == "1152efe94aa31b69"
    price = Input("price", "float64", known="0s")
    hashes = [
        training_rows_hash(each)
        for each in (
            search(inputs=["device"], derivations={}),
            search(inputs=["device", price], derivations={}),
            search(inputs=["device", replace(price, dtype="int64")], derivations={}),
            search(inputs=["device", replace(price, nullable=False)], derivations={}),
            search(inputs=["device", price], derivations={"dear": "price > 9"}),
            search(inputs=["device", price], derivations={"dear": "price > 10"}),
        )
    ]
    assert len(set(hashes)) == len(hashes)
    documented = search(inputs=["device", replace(price, doc="a night")], derivations={})
    assert training_rows_hash(documented) == hashes[1]


def test_names_that_a_catalogue_resolves_are_looked_at_then():
    unresolved = search(features=["guests:x_sum_1d", "homes"], derivations={"a": "guests_x_sum_1d * 2"})
    catalog = Catalog([GUESTS, HOMES], [unresolved])
    assert [each.name for each in catalog.training_sets["searches"].derived] == ["a"]
    with pytest.raises(UnknownNameError, match="guests_x_sum_1d"):
        Catalog([GUESTS, HOMES], [replace(unresolved, derivations={"a": "guests_x_sum_2d * 2"})])


@pytest.mark.parametrize(
    ("derivations", "error", "told"),
    [
        ({"a": "guests_x_summ_1d * 2"}, UnknownNameError, "Did you mean.*guests_x_sum_1d"),
        ({"a": "booked * 2"}, LeakError, "reads the label 'booked'"),
        ({"a": "device = 'phone'"}, DefinitionError, 'Input."device"'),
        ({"a": "home > 2"}, DefinitionError, "whose type nothing says"),
        ({"a": "row + 1"}, UnknownNameError, "'row'"),
        ({"a": "b", "b": "a"}, DefinitionError, "circle"),
        ({"a": "SUM(price)"}, DefinitionError, "beyond its row"),
        ({"a": "1 + 1"}, DefinitionError, "reads no"),
        ({"a": "price +"}, DefinitionError, "no SQL expression"),
        ({"price": "nights * 2"}, NameCollisionError, "'price'"),
        ({"home": "nights * 2"}, NameCollisionError, "'home'"),
        ({"guests_mean": "nights * 2"}, NameCollisionError, "'guests_mean'"),
        ({"booked": "nights * 2"}, NameCollisionError, "'booked'"),
        ("price * 2", DefinitionError, "Expected"),
    ],
)
def test_what_no_derivation_can_be_is_refused(derivations, error, told):
    with pytest.raises(error, match=told):
        search(derivations=derivations)


def test_an_input_says_its_type_and_when_it_is_known_once():
    assert tuple(INPUT_DTYPES) == INPUT_TYPES
    with pytest.raises(UnknownNameError, match="float64"):
        Input("price", "float")
    with pytest.raises(LeakError, match="known 1h after"):
        Input("price", "float64", known="1h")
    with pytest.raises(LeakError, match="does not say when it is known"):
        search(inputs=[Input("price", "float64")], derivations={})
    both = LeftTable("s", known={"guest": "0s", "home": "0s", "price": "-60m"})
    search(left=both, inputs=[Input("price", "float64", known="-1h")], derivations={})
    with pytest.raises(DefinitionError, match="Say it once"):
        search(left=both, inputs=[Input("price", "float64", known="0s")], derivations={})
    with pytest.raises(DefinitionError, match="twice"):
        search(inputs=["price", Input("price", "float64", known="0s")], derivations={})
    with pytest.raises(DefinitionError, match="by `at`"):
        search(inputs=[Input("t", "datetime", known="0s")], derivations={})
    with pytest.raises(DefinitionError, match="Expected a list"):
        search(inputs=Input("price", "float64", known="0s"), derivations={})
