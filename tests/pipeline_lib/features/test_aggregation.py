"""Aggregations: what their parameters mean, how their features are called, and what they refuse in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.features.operations import OPERATIONS, parse_operation, short_form
from bighead.pipeline_lib.features.row_definition import row_definition

NIGHTS = Aggregation("nights", "sum", windows=["7d", "30d"])


def bookings(**changes) -> FeatureSet:
    given = {
        "name": "bookings",
        "owner": "team:homes",
        "keys": ["listing"],
        "source": EventSource(table="bookings", event_time="ts"),
        "aggregations": [NIGHTS],
    }
    return FeatureSet(**(given | changes))


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (Aggregation("x", "last_5", ["7d"]), "x_last5_7d"),
        (Aggregation("x", "last_k", ["7d"], k=5), "x_last5_7d"),
        (Aggregation("x", "lag_2", ["7d"]), "x_lag2_7d"),
        (Aggregation("x", "bounded_unique_count", ["7d"], k=9), "x_bounded_unique_count9_7d"),
        (Aggregation("x", "approx_histogram_3", ["7d"]), "x_approx_histogram3_7d"),
        (Aggregation("x", "p50", ["7d"]), "x_p50_7d"),
        (Aggregation("x", "quantile", ["7d"], quantiles=[0.999]), "x_p99_9_7d"),
        (Aggregation("x", "percentile", ["7d"], quantiles=[0, 1]), "x_percentile_7d"),
        (Aggregation("x", "approx_p0", ["7d"]), "x_approx_p0_7d"),
        (Aggregation("x", "std", ["sliding:3h"]), "x_stddev_sliding_3h"),
        (Aggregation("x", "nunique", ["7d"], where="y > 1", name="y"), "y_unique_count_7d"),
        (Aggregation("x", "var", ["7d"], buckets=["city", "kind"]), "x_variance_7d_by_city_kind"),
        (Aggregation("x", "decayed_sum", half_life="1d", name="z"), "z_decayed_sum_unbounded"),
    ],
)
def test_names_carry_what_tells_features_apart(made, name):
    assert [f.name for f in bookings(aggregations=[made]).features] == [f"bookings_{name}"]


def test_short_forms_are_the_long_ones():
    assert Aggregation("x", "top_3") == Aggregation("x", "top_k", k=3)
    assert (
        Aggregation("x", "p99_9")
        == Aggregation("x", "p99.9")
        == Aggregation("x", "percentile", quantiles=[0.999])
    )
    assert Aggregation("x", "sum", buckets="y") == Aggregation("x", "sum", buckets=["y"])
    for operation in OPERATIONS.values():
        k, quantiles = (
            (3 if operation.needs == "k" else None),
            ((0.07,) if operation.needs == "quantiles" else ()),
        )
        again, short_k, quantile = parse_operation(short_form(operation, k, quantiles))
        assert (again, short_k) == (operation, k)
        assert quantile == (quantiles[0] if quantiles else None)


def test_the_page_on_features_tells_of_every_operation():
    page = (Path(__file__).parents[3] / "docs" / "features.md").read_text()
    for operation in OPERATIONS.values():
        line = next(line for line in page.splitlines() if line.startswith(f"| `{operation.name}`"))
        assert operation.meaning.replace("|", "\\|") in line
        assert operation.exactness in line
        assert ("0 where empty" in line) == operation.zero
    assert f"one of {len(OPERATIONS)}](#operations)" in page


def test_a_filtered_input_is_a_column_of_its_own():
    feature_set = bookings(
        aggregations=[
            Aggregation("nights", "sum", where="channel = 'web'", name="web"),
            Aggregation("nights", "count", where="channel = 'web'", name="web", buckets="city"),
        ],
        docs={"web": "Booked on the web"},
    )
    assert feature_set.inputs == ("web", "city")
    assert feature_set.source_inputs == ("nights", "city")
    assert [(f.column, f.doc) for f in feature_set.features] == [("web", "Booked on the web")] * 2
    assert feature_set.features[1].what == "count of `nights` by `city` where `channel = 'web'`"


def test_a_changed_condition_or_what_it_reads_is_another_meaning_of_stored_rows():
    def rows_of(where="big AND n > 1", name="web", **select):
        made = [Aggregation("nights", "sum", where=where, name=name)]
        source = EventSource("bookings", "ts", select={"big": "nights > 6", "other": "1"} | select)
        return row_definition(bookings(source=source, aggregations=made))

    now = rows_of()
    assert rows_of(other="2").covers(now)
    assert [change.field for change in rows_of("big AND n > 2").changes(now)] == ["select.web"]
    assert [change.field for change in rows_of(big="nights > 7").changes(now)] == ["select.web"]
    assert rows_of(name="app").added(now) == ("web",)


def test_hashes_of_definitions_made_before_these_fields_stand():
    source = EventSource(
        table="bookings",
        event_time="ts",
        available_at="loaded_at",
        event_id="id",
        select={"is_long": "nights > 6"},
        where="status = 'ok'",
    )
    made = [
        Aggregation("nights", "sum", windows=["7d", "sliding:3h"]),
        Aggregation("is_long", "mean", windows=["30d"]),
        Aggregation("nights", "last"),
    ]
    assert (
        bookings(name="stays", source=source, aggregations=made).hash
        == "60ba8da9a42bb396ea54be63793c328658da3045098a8222ee2683b8da9e8433"
    )


def test_every_parameter_changes_the_hash():
    def made(operation="last_2", **changes):
        return bookings(aggregations=[Aggregation("nights", operation, ["7d"], **({"name": "n"} | changes))])

    variants = [
        made(),
        made("last_3"),
        made("p50"),
        made("p51"),
        made("decayed_sum", half_life="1d"),
        made("decayed_sum", half_life="2d"),
        made(buckets="city"),
        made(where="city = 'a'"),
        made(where="city = 'b'"),
        made(empty=[]),
        made(empty=[1]),
        made(name="m"),
    ]
    assert len({variant.hash for variant in variants}) == len({*variants}) == len(variants)


REFUSED = [
    (lambda: Aggregation("x", ["sum"]), UnknownNameError, "no operation is called"),
    (lambda: Aggregation("x", "last_k"), DefinitionError, "needs k. Give k=5"),
    (lambda: Aggregation("x", "lag"), DefinitionError, "needs k"),
    (lambda: Aggregation("x", "last_0"), DefinitionError, "k=0.* from 1 to"),
    (lambda: Aggregation("x", "last_5", k=5), DefinitionError, "k=5 besides. Say it once"),
    (lambda: Aggregation("x", "last_k", k=True), DefinitionError, "k=True"),
    (lambda: Aggregation("x", "sum", k=5), DefinitionError, "k=5, which it does not take. Leave it out"),
    (lambda: Aggregation("x", "lag_1", quantiles=[0.5]), DefinitionError, "Leave it out; k is what it takes"),
    (lambda: Aggregation("x", "percentile"), DefinitionError, r"needs quantiles. Give quantiles=\[0.5"),
    (lambda: Aggregation("x", "p101"), DefinitionError, "numbers from 0 to 1"),
    (lambda: Aggregation("x", "percentile", quantiles=[0.5, 1.5]), DefinitionError, "numbers from 0 to 1"),
    (lambda: Aggregation("x", "percentile", quantiles=0.5), DefinitionError, "Expected a list"),
    (lambda: Aggregation("x", "percentile", quantiles=[]), DefinitionError, "Expected a list"),
    (lambda: Aggregation("x", "percentile", quantiles=[0.5, 0.5]), DefinitionError, "different numbers"),
    (lambda: Aggregation("x", "decayed_sum"), DefinitionError, "needs half_life. Give half_life='3d'"),
    (lambda: Aggregation("x", "decayed_sum", half_life="-3d"), DefinitionError, "half_life='-3d'"),
    (lambda: Aggregation("x", "decayed_sum", half_life="3 days"), DefinitionError, "'3 days' is no duration"),
    (lambda: Aggregation("x", "rate"), DefinitionError, "a time without end to divide by"),
    (lambda: Aggregation("x", "sum", buckets=["a", "a"]), DefinitionError, "names 'a' twice"),
    (lambda: Aggregation("Nights", "sum", where="a > 1"), DefinitionError, 'as name="nights_some"'),
    (lambda: Aggregation("x", "sum", where=" ", name="y"), DefinitionError, "Expected a SQL condition"),
    (lambda: Aggregation("x", "sum", name="Y"), DefinitionError, "cannot name"),
    (lambda: Aggregation("x", "count", empty=0.5), DefinitionError, "Expected a whole number"),
    (lambda: Aggregation("x", "sum", empty="0"), DefinitionError, "Expected a number"),
    (lambda: Aggregation("x", "last_2", empty=0), DefinitionError, "Expected a list"),
    (lambda: Aggregation("x", "last", empty=[0]), DefinitionError, "Expected one value"),
    (lambda: Aggregation("x", "sum", buckets="y", empty=0), DefinitionError, "Expected a map"),
    (lambda: Aggregation("x", "histogram", empty=[]), DefinitionError, "Expected a map"),
    (lambda: Aggregation("x", "sum", empty=float("nan")), DefinitionError, "Expected a finite number"),
    (lambda: Aggregation("x", "sum", empty=int), DefinitionError, "Expected a number, text"),
    (
        lambda: bookings(aggregations=[NIGHTS, Aggregation("x", "sum", where="a", name="nights")]),
        NameCollisionError,
        "has a column 'nights', and an aggregation where 'a'",
    ),
    (
        lambda: bookings(aggregations=[Aggregation("x", "sum", where=w, name="n") for w in "ab"]),
        NameCollisionError,
        "calls two inputs 'n'",
    ),
    (
        lambda: bookings(
            aggregations=[Aggregation("x", "percentile", ["7d"], quantiles=[q, 1]) for q in (0, 0.5)]
        ),
        NameCollisionError,
        'give one aggregation a name="…" of its own',
    ),
]


@pytest.mark.parametrize(("make", "error", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_what_cannot_be_is_refused_with_the_cure(make, error, words):
    with pytest.raises(error, match=words):
        make()
