"""Readers, writers, units and pii: what they refuse, that they mean nothing to the values, and what they hide."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from bighead.pipeline_lib.errors import DefinitionError, ForbiddenError, UnknownNameError
from bighead.pipeline_lib.features import (
    Aggregation,
    ChainedSource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.features.care import masked, may, pii_features, pii_inputs
from bighead.pipeline_lib.features.codec import from_json, from_yaml, to_json, to_yaml
from bighead.pipeline_lib.features.json_schema import feature_set_schema
from bighead.pipeline_lib.features.row_definition import row_definition, training_rows_hash


def trips(**given) -> FeatureSet:
    return FeatureSet(
        name="trips",
        owner="team:rides",
        keys=["email"],
        source=EventSource(table="trips", event_time="at", event_id="id"),
        aggregations=[
            Aggregation("dist", "sum", windows=["7d"]),
            Aggregation("home", "last", windows=["7d"]),
            Aggregation("home", "count", windows=["7d"]),
            Aggregation("dist", "sum", windows=["7d"], buckets="home"),
            Aggregation("dist", "max", windows=["7d"], where="dist > 1", name="far"),
        ],
        derivations={"again": "home_last_7d"} if given.pop("derived", False) else {},
        **given,
    )


CARED = {
    "readers": ["team:pricing"],
    "writers": ["team:ingest"],
    "units": {"dist": "km"},
    "pii": ["email", "home"],
}


def test_it_round_trips_and_does_not_change_the_meaning():
    made = trips(**CARED)
    assert from_json(to_json(made)) == made
    assert from_yaml(to_yaml(made)) == made
    assert made.hash == trips().hash
    assert row_definition(made).hash == row_definition(trips()).hash
    assert not {*CARED} & {*to_json(trips()).split('"')}
    assert {*CARED} <= {*feature_set_schema()["properties"]}
    assert hash(made) != hash(trips())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"units": {"distance": "km"}}, "in units"),
        ({"units": {"dist": ""}}, "'km'"),
        ({"pii": ["mail"]}, "Did you mean 'email'"),
        ({"pii": "email"}, "Expected a list"),
        ({"readers": "team:pricing"}, "Expected a list"),
        ({"writers": [""]}, "Expected names"),
    ],
)
def test_what_cannot_be_is_refused(given, told):
    with pytest.raises((DefinitionError, UnknownNameError), match=told):
        trips(**given)


@pytest.mark.parametrize(
    ("team", "reads", "writes"),
    [("rides", True, True), ("team:pricing", True, False), ("ingest", True, True), ("ads", False, False)],
)
def test_who_may(team, reads, writes):
    made = trips(**CARED)
    assert may(made, [team], "read") is reads
    assert may(made, [team], "write") is writes
    assert may(trips(), [], "read")
    assert not may(made, [], "read")


def test_features_that_only_count_tell_nothing_of_persons():
    made = trips(**CARED, derived=True)
    assert pii_inputs(made) == {"email", "home"}
    assert pii_features(made) == {
        "trips_home_last_7d",
        "trips_dist_sum_7d_by_home",
        "trips_again",
    }
    filtered = pii_features(trips(pii=["dist"]))
    assert len(filtered) == 3, "sum, sum by home and the filtered maximum"
    assert pii_inputs(trips(pii=["id"])) >= {"event_id"}
    assert pii_features(trips()) == frozenset()


def test_masked_shows_only_whether_there_is_a_value():
    frame = pl.DataFrame({"email": ["a@b.c", None], "n": [1, 2], "age": [30, None]})
    shown = masked(frame, frozenset({"email", "age", "gone"}))
    assert shown.to_dict(as_series=False) == {"email": ["***", None], "n": [1, 2], "age": ["***", None]}


def rides(owner: str, feature_set: FeatureSet) -> TrainingSet:
    return TrainingSet(
        name="rides",
        owner=owner,
        left=LeftTable("asked", known={"email": "0s"}),
        timestamp="at",
        row_id="id",
        features=[feature_set],
        label=Label("late", horizon="1d"),
    )


def test_another_team_may_not_build_on_a_set_that_names_its_readers():
    made = trips(**CARED)
    for owner in ("team:pricing", "rides", ""):
        assert rides(owner, made).features
    with pytest.raises(ForbiddenError, match=r"training set 'rides' of 'team:ads'.*for team:pricing") as seen:
        rides("team:ads", made)
    assert "Ask team:rides to add 'team:ads' to its readers." in str(seen.value)
    assert training_rows_hash(rides("", made)) == training_rows_hash(rides("", trips()))
    named = replace(rides("team:pricing", made), owner="")
    assert named.feature_sets == (made,)


SELLERS = FeatureSet(
    name="sellers",
    owner="t",
    keys=["seller"],
    source=EventSource("ratings", event_time="at"),
    aggregations=[Aggregation("stars", operation, ["30d"]) for operation in ("average", "count")],
    pii=["stars"],
).on(seller="sold_by")
SALES = TrainingSet(
    name="sales",
    left=LeftTable("orders", known={"buyer": "-1d", "sold_by": "-1d", "price": "-1d"}),
    timestamp="ts",
    row_id="id",
    features=[SELLERS],
    derivations={"odd": "sellers_stars_average_30d * 2", "many": "sellers_stars_count_30d > 3"},
    label=Label("bad", "1d"),
)
ORDERS = EventSource("orders", event_time="ts")


@pytest.mark.parametrize(
    ("source", "column", "tells"),
    [
        (ChainedSource(ORDERS, [SELLERS]), "sellers_stars_average_30d", True),
        (ChainedSource(ORDERS, [SELLERS]), "sellers_stars_count_30d", False),
        (ChainedSource(ORDERS, [SELLERS], {"risk": "5 - sellers_stars_average_30d"}), "risk", True),
        (ChainedSource(ORDERS, [SELLERS], {"risk": "5 - sellers_stars_count_30d"}), "risk", False),
        (ChainedSource(SALES), "odd", True),
        (ChainedSource(SALES), "many", False),
        (ChainedSource(SALES, select={"twice": "odd + price"}), "twice", True),
        (ChainedSource(SALES, select={"twice": "price * sellers_stars_count_30d"}), "twice", False),
    ],
)
def test_what_is_built_on_personal_values_tells_of_persons_too(source, column, tells):
    built = FeatureSet(
        name="buyers",
        owner="t",
        keys=["buyer"],
        source=source,
        aggregations=[Aggregation(column, "last", ["30d"]), Aggregation(column, "count", ["30d"])],
    )
    assert (column in pii_inputs(built)) is tells
    assert pii_features(built) == ({f"buyers_{column}_last_30d"} if tells else set())


def test_a_column_that_select_reads_may_be_personal_and_what_is_made_of_it_is():
    source = EventSource("mails", event_time="at", select={"domain": "lower(mail)", "size": "bytes"})
    made = [Aggregation(column, "last", ["7d"]) for column in ("domain", "size")]
    given = {"name": "mails", "owner": "t", "keys": ["box"], "source": source, "aggregations": made}
    assert pii_features(FeatureSet(**given, pii=["mail"])) == {"mails_domain_last_7d"}
    with pytest.raises(UnknownNameError, match="Did you mean 'mail'"):
        FeatureSet(**given, pii=["mial"])
