"""What a set's page says of how its rows are told apart, and where boxes of its lineage stand."""

from __future__ import annotations

import pytest

from bighead.pipeline_lib.features import Aggregation, ChainedSource, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.features.lineage import Lineage, Node
from bighead.pipeline_lib.profiles.profile import Profile
from bighead.serving.ui.column_panels import volumes
from bighead.serving.ui.feature_set_page import _facts
from bighead.serving.ui.lineage_drawing import draw_lineage


def orders(**given) -> FeatureSet:
    source = EventSource("orders", event_time="at", event_id="id", **given.pop("source", {}))
    return FeatureSet(
        name=given.pop("name", "orders"),
        owner="t",
        keys=["buyer"],
        source=given.pop("built", source),
        aggregations=[Aggregation(given.pop("column", "price"), "sum", ["1d"])],
        **given,
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, {"Known": "at once", "Partitions": "a day each"}),
        ({"batch": "1h", "source": {"delay": "2h"}}, {"Known": "2h later", "Partitions": "an hour each"}),
        ({"source": {"available_at": "seen"}}, {"Known": "seen"}),
        (
            {"source": {"mutations": Mutations(operation="op", time="changed")}},
            {"Known": "changed", "Changes": "op at changed"},
        ),
        (
            {"source": {"mutations": Mutations(is_before="old")}},
            {"Changes": "images, before where old at mutation_time"},
        ),
        (
            {"source": {"mutations": Mutations(envelope="debezium", time="ts"), "stream": "orders"}},
            {"Changes": "op at ts in envelopes of debezium"},
        ),
    ],
)
def test_a_definition_says_when_rows_are_known_how_they_change_and_how_they_are_cut(given, told):
    facts = {each.name: each.value for each in _facts(orders(**given))}
    assert told.items() <= facts.items()
    assert ("Changes" in facts) is ("Changes" in told)


def test_rows_are_told_by_day_or_hour():
    for keys, noun in (
        (("2013-01-01", "2013-01-02"), "day"),
        (("2013-01-01-00:00", "2013-01-01-01:00"), "hour"),
    ):
        chart = volumes({key: Profile(rows=3, columns={}) for key in keys})
        assert chart is not None
        assert chart.caption == f"How many rows each {noun} has."


def test_a_set_stands_right_of_what_it_is_built_on():
    first = orders(name="first")
    chained = ChainedSource(EventSource("visits", event_time="at"), [first.on()])
    second = orders(name="second", built=chained, column="first_price_sum_1d")
    third = ChainedSource(EventSource("orders", event_time="at"), [second.on()])
    sets = [first, second, orders(name="third", built=third, column="second_first_price_sum_1d_sum_1d")]
    for here in sets:
        drawn = draw_lineage(Lineage(sets, [], {}), Node("feature set", here.name), {})
        assert len({(box.x, box.y) for box in drawn.boxes}) == len(drawn.boxes)
        lefts = {box.name: box.x for box in drawn.boxes if box.kind == "feature set"}
        assert [*sorted(lefts, key=lambda name: lefts[name])] == [
            each.name for each in sets if each.name in lefts
        ]
        assert len({*lefts.values()}) == len(lefts)
        for curve in drawn.curves:
            start, end = float(curve[1:].split()[0]), float(curve.split()[-2])
            assert start < end, "lines lead to the right"
