"""Facts that are valid for a time, and facts whose rows change: at t one row of a key counts, or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutation_oracle import in_force

from bighead.pipeline_lib.errors import DataError, EventTimeError, SchemaError
from bighead.pipeline_lib.features import EntitySource, FeatureSet, Mutations
from bighead.pipeline_lib.point_in_time import answers_at, clean, values_at

T0 = datetime(1970, 1, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
RAW = {"host": pl.String, "since": TIME, "until": TIME, "rank": pl.Int64}


def at(n: int | None) -> datetime | None:
    return None if n is None else T0 + timedelta(microseconds=n)


def hosts(source: EntitySource | None = None, **changes) -> FeatureSet:
    source = source or EntitySource("hosts", valid_from="since", valid_to="until")
    return FeatureSet(name="hosts", owner="t", keys=["host"], source=source, columns=["rank"], **changes)


def table(*rows: tuple) -> pl.DataFrame:
    made = [(host, at(since), at(until), rank) for host, since, until, rank in rows]
    return pl.DataFrame(made, schema=RAW, orient="row")


def left_of(asked) -> pl.DataFrame:
    return pl.DataFrame([(k, at(t)) for k, t in asked], schema={"host": pl.String, "t": TIME}, orient="row")


@st.composite
def intervals(draw):
    """Rows of two hosts, one after the other, some with gaps, some of no length, the last perhaps for ever."""
    rows = []
    for host in ("a", "b"):
        edges = sorted(draw(st.lists(st.integers(-6, 9), max_size=7)))
        rows += [
            (host, low, high, len(rows) + n)
            for n, (low, high) in enumerate(pairwise(edges))
            if draw(st.booleans())
        ]
        if edges and draw(st.booleans()):
            rows.append((host, edges[-1], None, 99))
    return draw(st.permutations(rows))


asked = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(-9, 12)), min_size=1, max_size=8
)


@settings(max_examples=200, deadline=None)
@given(intervals(), asked, st.booleans())
def test_a_row_counts_from_valid_from_until_valid_to(rows, questions, inclusive):
    before = (lambda x, t: x <= t) if inclusive else (lambda x, t: x < t)
    feature_set = hosts(boundary="inclusive" if inclusive else "exclusive")
    values, report = values_at(left_of(questions), feature_set.on(), clean(table(*rows), feature_set), "t")
    expected = []
    for key, t in questions:
        found = [
            rank
            for host, since, until, rank in rows
            if host == key and before(since, t) and not (until is not None and before(until, t))
        ]
        expected.append(found)
    assert all(len(each) <= 1 for each in expected)
    assert values["hosts_rank"].to_list() == [each[0] if each else None for each in expected]
    assert report.matched_rows == sum(map(len, expected))


def test_a_fact_is_as_old_as_its_validity():
    feature_set = hosts(max_age="5us")
    cleaned = clean(table(("a", 0, None, 1)), feature_set)
    answers = answers_at(left_of([("a", 1), ("a", 5), ("a", 6), ("b", 6)]), feature_set.on(), cleaned, "t")
    assert answers.statuses["hosts_rank"].to_list() == ["present", "present", "stale", "empty"]
    assert answers.values["hosts_rank"].to_list() == [1, 1, None, None]


def test_overlaps_are_errors_that_name_the_key_and_both_intervals():
    said = (
        r"the key \('a',\) is valid from 1970-01-01 00:00:00\.000001\+00:00 to .*000005\+00:00"
        r" and from .*000004.* for ever"
    )
    with pytest.raises(DataError, match=said):
        clean(table(("a", 1, 5, 1), ("b", 0, None, 2), ("a", 4, None, 3)), hosts())
    for bad in [(("a", 1, None, 1), ("a", 4, 5, 3)), (("a", 1, 5, 1), ("a", 1, 5, 1))]:
        with pytest.raises(DataError, match="At any time one row of a key is valid"):
            clean(table(*bad), hosts())
    with pytest.raises(DataError, match="end before they begin"):
        clean(table(("a", 5, 1, 1)), hosts())
    assert clean(table(("a", 1, 5, 1), ("a", 5, 9, 2), ("a", 3, 3, 7)), hosts()).height == 2


def test_times_of_intervals_are_times():
    with pytest.raises(EventTimeError, match="'since' of the source of 'hosts' is null in 1 of 1"):
        clean(table(("a", None, 5, 1)), hosts())
    naive = table(("a", 0, 5, 1)).with_columns(pl.col("since", "until").dt.replace_time_zone(None))
    with pytest.raises(EventTimeError, match=r"'since' .* is naive"):
        clean(naive, hosts())
    source = EntitySource("hosts", valid_from="since", valid_to="until", timezone="America/New_York")
    assert clean(naive, hosts(source))["event_time"].item() == T0 + timedelta(hours=5)
    with pytest.raises(SchemaError, match="lacks the column 'until'"):
        clean(naive.drop("until"), hosts())


@st.composite
def mutations(draw):
    moments = st.integers(-4, 6)
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(["a", "b"]), moments, st.integers(0, 9), st.booleans()), max_size=9
        )
    )
    return [
        {"id": host, "ts": at(t), "mutated": at(t), "known": at(t), "rank": rank, "opens": opens, "seq": n}
        for n, (host, t, rank, opens) in enumerate(rows)
    ]


@settings(max_examples=150, deadline=None)
@given(mutations(), asked, st.booleans())
def test_the_last_version_that_was_known_counts(rows, questions, inclusive):
    source = EntitySource("hosts", mutations=Mutations("changed", operation="op", sequence="n"))
    feature_set = hosts(source, boundary="inclusive" if inclusive else "exclusive")
    told = [(r["id"], r["mutated"], "u" if r["opens"] else "d", r["seq"], r["rank"]) for r in rows]
    schema = {"host": pl.String, "changed": TIME, "op": pl.String, "n": pl.Int64, "rank": pl.Int64}
    cleaned = clean(pl.DataFrame(told, schema=schema, orient="row"), feature_set)
    assert cleaned.columns == ["host", "event_time", "available_at", "available_to", "rank"]
    values, _ = values_at(left_of(questions), feature_set.on(), cleaned, "t")
    facts = [in_force(rows, key, at(t), inclusive=inclusive) for key, t in questions]
    assert values["hosts_rank"].to_list() == [None if fact is None else fact["rank"] for fact in facts]
