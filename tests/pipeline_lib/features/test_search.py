"""Searching a catalogue and walking its lineage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    Catalog,
    EntitySource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.features.lineage import Lineage, Node
from bighead.pipeline_lib.features.published import Published, PublishedModel

carrier = FeatureSet(
    name="carrier",
    owner="team:flights",
    keys=["carrier"],
    source=EventSource(table="arrivals", stream="landed", event_time="ts"),
    aggregations=[Aggregation("arr_delay", "average", windows=["1d", "7d"])],
    docs={"arr_delay": "Minutes between scheduled and actual arrival"},
    tags=["flights", "punctuality"],
)
weather = FeatureSet(
    name="weather",
    owner="ana@example.com",
    keys=["origin"],
    source=EntitySource("weather"),
    columns=["wind", "visibility"],
    docs={"visibility": "Miles; fog brings a delay"},
    tags=["weather"],
)
moment = FeatureSet(
    name="moment", owner="team:flights", keys=[], source=CalendarSource("UTC"), columns=["hour"]
)
late = TrainingSet(
    name="late",
    owner="team:models",
    left=LeftTable("flights", known={"carrier": "0s"}),
    timestamp="t",
    row_id="id",
    features=["carrier", "moment"],
    label=Label("late", horizon="2h"),
)
catalog = Catalog([carrier, weather, moment], [late])


def names(query: str) -> list[str]:
    return [hit.entry.name for hit in catalog.search(query).hits]


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ("carrier", "carrier", 4),
        ("delay", "carrier_arr_delay_average_1d", 5),
        ("delay owner:team:flights", "carrier_arr_delay_average_1d", 3),
        ("delay owner:flights kind:feature 7d", "carrier_arr_delay_average_7d", 1),
        ("arr_delay_average_7d", "carrier_arr_delay_average_7d", 1),
        ("fog", "weather", 2),
        ("tag:weather", "weather", 3),
        ("key:origin wind", "weather_wind", 2),
        ("column:arr_*", "carrier", 3),
        ("set:moment", "moment", 2),
        ("table:arrivals kind:feature_set", "carrier", 1),
        ("owner:ana", "weather", 3),
        ('"actual arrival"', "carrier", 3),
        ("LATE", "late", 1),
        ("name:carrier", "carrier", 1),
        ("tag:", "carrier", 9),
        ("", "carrier", 9),
    ],
)
def test_words_and_filters_all_fit_and_the_best_comes_first(query, first, count):
    found = names(query)
    assert (found[0], len(found)) == (first, count)


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("delai", "delay"),
        ("wether", "weather"),
        ("delay owner:team:flihgts", "owner:team:flights delay"),
        ("tag:punctual", "tag:punctuality"),
        ("zzzzzz", ""),
        ("carrier fog", ""),
    ],
)
def test_where_nothing_fits_the_nearest_is_suggested_and_would_be_found(query, suggestion):
    found = catalog.search(query)
    assert (found.hits, found.suggestion) == ((), suggestion)
    assert not suggestion or names(suggestion)


def test_a_field_that_does_not_exist_is_refused():
    with pytest.raises(UnknownNameError, match=r"Did you mean 'owner'"):
        catalog.search("onwer:ana")


@given(st.text(max_size=40))
def test_no_text_breaks_a_search(text):
    try:
        found = catalog.search(text)
    except UnknownNameError:
        assert ":" in text
    else:
        assert len(found.hits) <= 9


def test_a_limit_keeps_the_best():
    assert [hit.entry.name for hit in catalog.search("carrier", limit=1).hits] == ["carrier"]


def test_lineage_is_walked_both_ways():
    lineage = Lineage(catalog.feature_sets.values(), catalog.training_sets.values(), {"m": "late"})
    node = Node("feature set", "carrier")
    assert [str(n.name) for n in lineage.upstream(node)] == ["arrivals", "landed"]
    assert [(n.kind, n.name) for n in lineage.downstream(node)] == [("training set", "late"), ("model", "m")]
    above = lineage.upstream(Node("model", "m"))
    assert Node("table", "flights") in above
    assert Node("table", "weather") not in above
    assert lineage.downstream(Node("model", "m")) == ()
    assert {n for edge in lineage.around(node) for n in edge} == {
        node,
        *lineage.upstream(node),
        *lineage.downstream(node),
    }
    for each in lineage.nodes:
        for other in lineage.upstream(each):
            assert each in lineage.downstream(other)
    with pytest.raises(UnknownNameError, match="Did you mean 'carrier'"):
        lineage.upstream(Node("feature set", "carier"))


def test_what_was_published_reads_back_and_what_cannot_be_read_is_named_with_the_reason():
    published = Published("p", "/p", catalog, (PublishedModel("m", "late", "ana", "", ("x",)),))
    plain = published.to_plain()
    read = Published.from_plain(plain)
    assert read.catalog.feature_sets == catalog.feature_sets
    assert read.catalog.training_sets == catalog.training_sets
    assert read.models == published.models
    plain["feature_sets"].append({"kind": "FeatureSet", "name": "from the future", "shape": 4})
    again = Published.from_plain(plain)
    assert again.catalog.feature_sets == catalog.feature_sets
    assert again.catalog.training_sets == catalog.training_sets
    [unread] = again.unread
    assert (unread.kind, unread.name) == ("feature set", "from the future")
    assert "shape" in unread.reason
    assert read.lineage.edges == published.lineage.edges
    assert read.unread == ()


def test_a_definition_that_lost_another_takes_none_of_the_others_away():
    plain = Published("p", "/p", catalog, ()).to_plain()
    [late] = plain["training_sets"]
    other = {**late, "name": "lost", "features": [{"kind": "FeatureRef", "set": {"kind": "FeatureSet"}}]}
    plain["training_sets"] = [other, late]
    plain["feature_sets"] += [{**plain["feature_sets"][0], "owner": "others"}]
    read = Published.from_plain(plain)
    assert read.catalog.feature_sets == catalog.feature_sets
    assert read.catalog.training_sets == catalog.training_sets
    assert {each.name for each in read.unread} == {"lost", plain["feature_sets"][0]["name"]}
