"""Checks as values: what they refuse, how they are written, and that they mean nothing to the values computed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bighead.pipeline_lib.errors import BigheadError, DefinitionError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    Catalog,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.features.codec import from_json, from_yaml, to_json, to_yaml
from bighead.pipeline_lib.features.row_definition import row_definition, training_rows_hash
from bighead.pipeline_lib.quality import Drift, Freshness, Lateness, NullRate, Range, Unique, Volume

CHECKS = [
    NullRate("price", max=0.05),
    Range("price", min=0),
    Range("ts", min="2013-01-01", severity="error"),
    Freshness("36h", severity="block"),
    Volume(min_rows=10, within="50%", trailing=14),
    Unique(["id"]),
    Unique(["shopper", "ts"]),
    Drift("price", max_psi=0.3),
    Lateness("3d", max=0.01),
]


def purchases(*checks) -> FeatureSet:
    return FeatureSet(
        name="purchase",
        owner="team:shop",
        keys=["shopper"],
        source=EventSource(table="purchases", event_time="ts", event_id="id", available_at="came_at"),
        aggregations=[Aggregation("price", "sum", windows=["7d"])],
        checks=checks,
    )


def test_checks_round_trip_and_do_not_change_the_meaning():
    made = purchases(*CHECKS)
    assert from_json(to_json(made)) == made
    assert from_yaml(to_yaml(made)) == made
    assert made.hash == purchases().hash
    assert row_definition(made).hash == row_definition(purchases()).hash
    assert hash(made) != hash(replace(made, checks=()))
    assert "checks" not in to_json(purchases())


def test_names_are_what_asset_checks_may_be_called():
    names = [each.name for each in CHECKS]
    assert names == [
        "null_rate_price",
        "range_price",
        "range_ts",
        "freshness",
        "volume",
        "unique_id",
        "unique_shopper_ts",
        "drift_price",
        "lateness",
    ]
    assert NullRate("Prix d'été", max=0).name == "null_rate_Prix_d_t"
    assert Freshness("1h", column="available_at").name == "freshness_available_at"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: NullRate("price", max=5), "share from 0 to 1"),
        (lambda: NullRate("price", max=True), "max=True"),
        (lambda: Range("price"), "Expected a number"),
        (lambda: Range("price", min=2, max=1), "swap them"),
        (lambda: Range("price", min=2, max="3"), "both as numbers"),
        (lambda: Freshness("36"), "36"),
        (lambda: Freshness("0h"), "'36h'"),
        (lambda: Volume(), "asks for nothing"),
        (lambda: Volume(within="half"), "'50%'"),
        (lambda: Volume(min_rows=-1), "min_rows=-1"),
        (lambda: Volume(within="50%", trailing=1), "3 days or more"),
        (lambda: Unique([]), 'Unique(["id"])'),
        (lambda: Drift("price", max_psi=0), "max_psi=0"),
        (lambda: Drift("price", trailing=6), "7 days or more"),
        (lambda: Lateness("-1d"), "'2d'"),
        (lambda: Lateness(max=2), "share from 0 to 1"),
        (lambda: NullRate("price", max=0.1, severity="warning"), "Did you mean 'warn'"),
        (lambda: purchases(NullRate("prise", max=0.1)), "Did you mean 'price'"),
        (lambda: purchases("price is good"), "NullRate"),
        (lambda: purchases(Range("price", min=0), Range("price", max=9)), "two checks called 'range_price'"),
    ],
)
def test_a_check_that_cannot_be_says_why(make, told):
    with pytest.raises(BigheadError) as seen:
        make()
    assert told in str(seen.value)
    assert seen.value.cure


def test_kinds_of_refusals():
    with pytest.raises(UnknownNameError):
        purchases(NullRate("prise", max=0.1))
    with pytest.raises(NameCollisionError):
        purchases(Volume(min_rows=1), Volume(min_rows=2))
    with pytest.raises(DefinitionError, match="calendar"):
        FeatureSet(
            name="m", owner="t", keys=[], source=CalendarSource("UTC"), checks=[NullRate("hour", max=0.1)]
        )


def test_yaml_points_at_the_check_that_is_wrong():
    text = to_yaml(purchases(NullRate("price", max=0.05), Volume(min_rows=1)))
    with pytest.raises(DefinitionError) as seen:
        from_yaml(text.replace("min_rows", "least"), where="p.yaml")
    line = 1 + text[: text.index("min_rows")].count("\n")
    # The entry begins a line above its second field.
    assert str(seen.value).startswith((f"p.yaml:{line}:", f"p.yaml:{line - 1}:"))
    assert str(seen.value).count("p.yaml") == 1
    assert "min_rows" in str(seen.value)


def visits(*checks) -> TrainingSet:
    return TrainingSet(
        name="visit",
        left=LeftTable("visits", known={"shopper": "0s"}),
        timestamp="at",
        row_id="id",
        features=[purchases()],
        label=Label("bought", horizon="1d"),
        checks=checks,
    )


def test_a_training_set_checks_the_values_of_features():
    checks = [NullRate("purchase_price_sum_7d", max=0.2), Freshness("8d"), Unique(["id"])]
    made = visits(*checks)
    assert from_json(to_json(made)) == made
    assert training_rows_hash(made) == training_rows_hash(visits())
    assert "checks" not in to_json(visits())
    with pytest.raises(UnknownNameError, match="purchase_price_sum_7d"):
        visits(NullRate("purchase_price_sum_8d", max=0.2))
    with pytest.raises(DefinitionError, match="Questions do not come late"):
        visits(Lateness())
    with pytest.raises(NameCollisionError):
        visits(Unique("id"), Unique("id"))


def test_features_named_as_text_are_checked_once_they_are_resolved():
    named = replace(visits(), features=["purchase:purchase_price_sum_7d"], checks=[Range("nothing", min=0)])
    with pytest.raises(UnknownNameError, match="nothing"):
        named.resolved(Catalog([purchases()]))


def test_a_check_of_a_set_computes_no_training_row_again():
    checked = replace(visits(), features=[purchases(Volume(min_rows=1))])
    assert training_rows_hash(checked) == training_rows_hash(visits())


def test_lateness_needs_a_time_of_arrival():
    made = purchases()
    with pytest.raises(DefinitionError, match="nothing says when its rows came"):
        replace(made, source=replace(made.source, available_at=None), checks=[Lateness()])
