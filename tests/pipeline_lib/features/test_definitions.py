"""Windows, aggregations, sources, sets and catalogue: what they mean, and what they refuse in which words."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DefinitionError, LeakError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    Catalog,
    EntitySource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    Mutations,
    TrainingSet,
    Window,
    duration,
)
from bighead.pipeline_lib.features.row_definition import row_definition
from bighead.pipeline_lib.features.window import DAY, HOUR, MINUTE

EVENTS = EventSource(table="bookings", event_time="ts")
NIGHTS = Aggregation("nights", "sum", windows=["7d", "30d"])


def bookings(**changes) -> FeatureSet:
    given = {
        "name": "bookings",
        "owner": "team:homes",
        "keys": ["listing"],
        "source": EVENTS,
        "aggregations": [NIGHTS],
    }
    return FeatureSet(**(given | changes))


def rental(**changes) -> TrainingSet:
    given = {
        "name": "rental",
        "left": LeftTable("views", known={"listing": "-1d", "price": "0s"}),
        "timestamp": "ts",
        "row_id": "id",
        "features": [bookings()],
        "label": Label("booked", "30d"),
    }
    return TrainingSet(**(given | changes))


@pytest.mark.parametrize(
    ("text", "kind", "length", "hop"),
    [
        ("1y", "sawtooth", 365 * DAY, DAY),
        ("12d", "sawtooth", 12 * DAY, DAY),
        ("287h", "sawtooth", 287 * HOUR, HOUR),
        ("12h", "sawtooth", 12 * HOUR, HOUR),
        ("719m", "sawtooth", 719 * MINUTE, 5 * MINUTE),
        ("1h", "sawtooth", HOUR, 5 * MINUTE),
        ("59m", "sawtooth", 59 * MINUTE, MINUTE),
        ("12m", "sawtooth", 12 * MINUTE, MINUTE),
        ("11m", "sliding", 11 * MINUTE, 0),
        ("sliding:30d", "sliding", 30 * DAY, 0),
        ("unbounded", "unbounded", None, 0),
    ],
)
def test_hops_of_windows(text, kind, length, hop):
    window = Window.parse(text)
    assert (window.kind, window.length, window.hop) == (kind, length, hop)
    assert Window.parse(window.text) == window


@settings(deadline=None)
@given(st.integers(-(10**17), 10**17), st.sampled_from(["3h", "7d", "30d", "20m", "5m"]))
def test_a_window_starts_on_its_hop_at_most_one_hop_early(at, text):
    window = Window.parse(text)
    start = window.start(at)
    assert start is not None
    assert 0 <= (at - window.length) - start < max(window.hop, 1)
    assert window.hop == 0 or start % window.hop == 0


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["us", "ms", "s", "m", "h", "d"]))
def test_durations_have_a_sign_and_a_unit(number, unit):
    assert duration(f"-{number}{unit}") == duration(f"−{number}{unit}") == -duration(f"{number}{unit}")


def test_features_are_named_and_documented():
    feature_set = bookings(
        docs={"nights": "Nights booked"}, aggregations=[NIGHTS, Aggregation("price", "mean", ["sliding:3h"])]
    )
    assert [f.name for f in feature_set.features] == [
        "bookings_nights_sum_7d",
        "bookings_nights_sum_30d",
        "bookings_price_average_sliding_3h",
    ]
    assert [f.doc for f in feature_set.features] == ["Nights booked", "Nights booked", ""]
    ref = feature_set.on(listing="home", prefix="host").pick("nights_sum_7d")
    assert ref.columns() == ("host_bookings_nights_sum_7d",)
    assert ref.key_columns == ("home",)


def test_only_meaning_changes_the_hash():
    base = bookings()
    for cosmetic in ({"owner": "x"}, {"docs": {"nights": "N"}}, {"tags": ["a"]}):
        assert bookings(**cosmetic).hash == base.hash
    meanings = [
        {"version": 2},
        {"boundary": "inclusive"},
        {"keys": ["host"]},
        {"source": replace(EVENTS, where="a > 1")},
        {"source": replace(EVENTS, select={"nights": "a"})},
        {"source": replace(EVENTS, delay="1h")},
        {"aggregations": [Aggregation("nights", "sum", ["7d"])]},
    ]
    hashes = {bookings(**meaning).hash for meaning in meanings}
    assert len(hashes | {base.hash}) == len(meanings) + 1


def test_what_was_added_since_leaves_the_hash_of_a_definition_without_it():
    windows = ["7d", "sliding:3h", "unbounded"]
    base = bookings(aggregations=[Aggregation("nights", "sum", windows)])
    # Stores and artifacts hold this hash: a change would recompute every feature there is.
    assert base.hash == "37daf3486c0f7b962c0a6bfa4affe7583ed93406a5e66e3f6150650b561b6b35"
    assert replace(base, max_age=None, on_stale="null").hash == base.hash
    aged = [replace(base, max_age="30d"), replace(base, max_age="30d", on_stale="keep")]
    assert len({base.hash, *(each.hash for each in aged)}) == 3
    source = EventSource("bookings", "ts", event_id="id", delay="1h", select={"x": "y*2"}, where="z")
    events = bookings(keys=["listing"], source=source, aggregations=[Aggregation("x", "sum", ["7d"])])
    homes = EntitySource("homes", landing="2h", where="beds > 0")
    facts = FeatureSet(name="homes", owner="t", keys=["listing"], source=homes, columns=["beds"])
    assert row_definition(events).hash == "08382a703cddfd6a"
    assert (facts.hash[:16], row_definition(facts).hash) == ("43ab986c669ad1f4", "16c0391e2cfa6406")


def test_rows_that_change_have_a_hash_of_their_own():
    plain = replace(EVENTS, event_id="id")
    sources = [plain, replace(plain, mutations=CHANGES), replace(plain, cumulative="ds")]
    sources += [replace(plain, mutations=Mutations(operation="op", sequence="lsn"))]
    assert len({bookings(source=each).hash for each in sources}) == 4
    assert [each.retracts for each in sources] == [False, True, False, True]


def test_definitions_are_values():
    assert bookings() == bookings()
    assert len({bookings(), bookings(), rental(), rental()}) == 2
    assert pickle.loads(pickle.dumps(rental())) == rental()
    with pytest.raises(AttributeError):
        bookings().name = "x"


def test_a_training_set_knows_its_columns():
    training = rental(inputs=["price"])
    assert training.input_columns == ("price", "bookings_nights_sum_7d", "bookings_nights_sum_30d")
    assert training.key_columns == ("listing",)
    assert training.feature_sets == (bookings(),)


def test_a_catalogue_resolves_names():
    catalog = Catalog([bookings()], [rental(features=["bookings:nights_sum_7d"])])
    assert catalog.training_sets["rental"].input_columns == ("bookings_nights_sum_7d",)
    assert catalog.resolve("bookings") == bookings()
    with pytest.raises(DefinitionError, match="no catalogue has resolved: 'bookings'"):
        _ = rental(features=["bookings"]).refs


CALENDAR = CalendarSource("UTC")
CHANGES = Mutations(operation="op")
CHANGED = EventSource("bookings", "ts", event_id="id", mutations=CHANGES)
REFUSED = [
    (lambda: duration("7 days"), DefinitionError, "'7 days' is no duration"),
    (lambda: duration("20000y"), DefinitionError, "longer than 10,000 years"),
    (lambda: Window.parse("0d"), DefinitionError, "not positive"),
    (lambda: Window.parse("jumping:1h"), DefinitionError, "a window is 'jumping:1h'"),
    (lambda: Aggregation("x", "summ", ["1d"]), UnknownNameError, "Did you mean 'sum'"),
    (lambda: Aggregation("x", "sum", "1d"), DefinitionError, "Expected a list"),
    (lambda: Aggregation("x", "sum", ["1d", "1d"]), DefinitionError, "each once"),
    (lambda: Aggregation("", "sum", ["1d"]), DefinitionError, "a column's name"),
    (lambda: EventSource(event_time="ts"), DefinitionError, "a table, or a batch-only query"),
    (lambda: EventSource(query="SELECT 1", stream="s"), DefinitionError, "both a query and the stream 's'"),
    (
        lambda: EventSource("t", "ts", available_at="a", delay="1h"),
        DefinitionError,
        "both available_at='a' and delay='1h'",
    ),
    (lambda: EventSource("t", "ts", delay="-1h"), DefinitionError, "negative"),
    (
        lambda: EventSource("t", "ts", timezone="America/NewYork"),
        DefinitionError,
        "Did you mean 'America/New_York'",
    ),
    (lambda: EventSource("t", "ts", fold="first"), DefinitionError, "'earliest' or 'latest'"),
    (lambda: EventSource("t", "ts", start_date="2013-13-01"), DefinitionError, "'2013-01-01'"),
    (lambda: EventSource("t", "ts", type="hiv"), UnknownNameError, "Did you mean 'hive'"),
    (lambda: EntitySource("t", landing="-1h"), DefinitionError, "negative"),
    (lambda: Mutations(), DefinitionError, "operation=None and is_before=None"),
    (lambda: Mutations(operation="a", is_before="b"), DefinitionError, "Name one"),
    (lambda: Mutations("at", operation="at"), DefinitionError, "one column twice"),
    (lambda: Mutations("", operation="at"), DefinitionError, "time of mutations is ''"),
    (lambda: EventSource("t", mutations=CHANGES), DefinitionError, "no event_id"),
    (lambda: EventSource("t", event_id="op", mutations=CHANGES), DefinitionError, "are the row's own"),
    (lambda: EventSource(query="SELECT 1", cumulative="ds"), DefinitionError, "cumulative is 'ds'"),
    (lambda: EntitySource("t", valid_from="a"), DefinitionError, "Name both columns"),
    (
        lambda: EntitySource("t", valid_from="a", valid_to="b", mutations=CHANGES),
        DefinitionError,
        "both valid_from and mutations",
    ),
    (lambda: EntitySource("t", mutations=CHANGES, landing="1h"), DefinitionError, "are of snapshots"),
    (lambda: bookings(source=CHANGED, keys=["available_to"]), DefinitionError, "called 'available_to'"),
    (lambda: CalendarSource("UTC", fields=["hours"]), UnknownNameError, "Did you mean 'hour'"),
    (lambda: bookings(name="Bookings"), DefinitionError, "cannot name a feature set"),
    (lambda: bookings(name="a__b"), DefinitionError, "single _"),
    (lambda: bookings(keys="listing"), DefinitionError, r"as \['listing'\]"),
    (lambda: bookings(keys=["a", "a"]), DefinitionError, "names 'a' twice"),
    (lambda: bookings(keys=[]), DefinitionError, "does not fit its source"),
    (lambda: bookings(source=CALENDAR), DefinitionError, "neither keys nor aggregations"),
    (lambda: bookings(source="bookings"), DefinitionError, "not str"),
    (lambda: bookings(keys=["event_time"]), DefinitionError, "a key or input called 'event_time'"),
    (lambda: bookings(boundary="open"), DefinitionError, "'exclusive' or 'inclusive'"),
    (lambda: bookings(batch="1w"), DefinitionError, "Expected '1d'"),
    (lambda: bookings(version=0), DefinitionError, "from 1 on"),
    (lambda: bookings(docs={"night": "N"}), UnknownNameError, "Did you mean 'nights'"),
    (
        lambda: bookings(aggregations=[NIGHTS, NIGHTS]),
        NameCollisionError,
        "two features 'bookings_nights_sum_7d'",
    ),
    (lambda: bookings().on(listings="x"), UnknownNameError, "Did you mean 'listing'"),
    (lambda: bookings().on().pick("nights_sum_8d"), UnknownNameError, "Did you mean 'nights_sum_7d'"),
    (lambda: LeftTable("views", known={"clicks": "1h"}), LeakError, "known 1h after the question"),
    (lambda: rental(left=LeftTable("views")), LeakError, "'listing', which does not say when it is known"),
    (lambda: rental(inputs=["booked"]), LeakError, "the label 'booked' of 'rental' is also an input"),
    (lambda: rental(features=[bookings(), bookings()]), NameCollisionError, "Give one use a prefix"),
    (lambda: Label("x", "-1d"), DefinitionError, "zero or more"),
    (
        lambda: Catalog([bookings()], [rental(features=["booking"])]),
        UnknownNameError,
        "Did you mean 'bookings'",
    ),
    (
        lambda: Catalog([bookings(), bookings(version=2)]),
        NameCollisionError,
        "two feature sets are called 'bookings'",
    ),
    (lambda: bookings().preview(), DefinitionError, "no session is bound"),
]


@pytest.mark.parametrize(("make", "error", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_what_cannot_be_is_refused_with_the_cure(make, error, words, monkeypatch):
    monkeypatch.setattr("bighead.pipeline_lib.ports._default", [])
    with pytest.raises(error, match=words):
        make()
