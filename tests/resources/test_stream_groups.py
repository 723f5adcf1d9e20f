"""What is posted at once shares a commit, and yet each post is taken or refused for itself."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from arrivals import B, carrier, event, fed_streams
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import BigheadError, RequestError
from bighead.resources.online_rows import microseconds
from bighead.resources.stream_events import Wanted
from bighead.resources.stream_groups import Groups, pick
from bighead.resources.stream_offers import Receipt, Ticket
from bighead.resources.stream_plain import EARLIEST, LATEST, are_plain


@pytest.fixture
def opened(tmp_path):
    yield from fed_streams(tmp_path)


def seen(store) -> list[tuple]:
    frame = store.fetch(carrier, [("UA",)], microseconds(B + timedelta(days=1))).frame
    return sorted(frame.select("event_id", "delay").rows())


def together(streams, posts) -> list:
    """Post while nobody can write, so that all wait; return their receipts and errors."""
    with ThreadPoolExecutor(len(posts)) as pool:
        with streams._writing:
            waiting = []
            for post in posts:
                waiting.append(pool.submit(streams.ingest, "arrivals", post))
                while streams._groups.waiting("arrivals") < len(waiting):
                    time.sleep(0.001)
        return [each.exception() or each.result() for each in waiting]


def same_after_a_rebuild(streams, store) -> None:
    before = seen(store)
    store.forget_streams()
    streams.catch_up("arrivals")
    assert seen(store) == before


def test_a_post_that_is_refused_takes_nobody_along(opened):
    streams, store = opened
    wrong = [event(7), event(8, status=5)]
    answers = together(streams, [[event(1)], wrong, [event(2), event(3)], [event(4, status="lost")]])
    assert isinstance(answers[1], RequestError)
    assert answers[1].code == "wrong_event"
    assert [each for each in answers if each is not answers[1]] == [
        Receipt(1, 0, 4),
        Receipt(2, 0, 4),
        Receipt(1, 0, 4),
    ]
    assert seen(store) == [("f1", 20.0), ("f2", 20.0), ("f3", 20.0)]
    same_after_a_rebuild(streams, store)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 600), (600, 1), (1, 600, 1)])
def test_of_one_id_the_row_is_that_of_the_event_that_the_log_has(opened, sizes):
    """Whichever of several different events of one id comes first: also one that `where` leaves out."""
    streams, store = opened
    posts = [
        [event(0, delay=number, status="ok" if number else "lost"), *(event(n) for n in range(1, size))]
        for number, size in enumerate(sizes)
    ]
    answers = together(streams, posts)
    assert sum(each.accepted for each in answers) == max(sizes)
    same_after_a_rebuild(streams, store)


def test_whoever_is_told_is_told_once_and_nobody_waits_for_ever():
    calls = []

    def write(stream, tickets):
        calls.append(len(tickets))
        if len(calls) == 1:
            time.sleep(0.05)
            raise KeyboardInterrupt
        for ticket in tickets:
            ticket.receipt = Receipt(1, 0, sum(calls))

    groups = Groups(write, threading.RLock())
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(groups.keep, "s", Ticket([]))
        while not calls:
            time.sleep(0.001)
        rest = [pool.submit(groups.keep, "s", Ticket([])) for _ in range(7)]
        assert isinstance(first.exception(), KeyboardInterrupt)
        assert all(each.result().accepted == 1 for each in rest)
    assert sum(calls) == 8
    assert groups.waiting("s") == 0
    assert groups.keep("s", Ticket([])).accepted == 1


def test_those_that_wait_beside_one_that_is_stopped_are_told():
    gate = threading.RLock()

    def write(stream, tickets):
        raise KeyboardInterrupt

    groups = Groups(write, gate)
    with ThreadPoolExecutor(4) as pool:
        with gate:
            waiting = [pool.submit(groups.keep, "s", Ticket([])) for _ in range(4)]
            while groups.waiting("s") < 4:
                time.sleep(0.001)
        errors = [each.exception() for each in waiting]
    assert sorted(type(each).__name__ for each in errors) == ["KeyboardInterrupt", *["StoreError"] * 3]


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=5), st.frozensets(st.integers(0, 9)))
def test_an_id_is_new_once(ids, known):
    picked, expected, told = pick(ids, known), [], set(known)
    for each in ids:
        places = [n for n, one in enumerate(each) if one not in told and one not in each[:n]]
        told |= set(each)
        expected.append(places)
    assert [list(places) for places in picked] == expected


MOMENTS = [
    B,
    B.replace(tzinfo=None),
    B.astimezone(timezone(timedelta(hours=3))),
    EARLIEST,
    EARLIEST - timedelta(microseconds=1),
    LATEST,
    LATEST - timedelta(microseconds=1),
    B.isoformat(),
    None,
    datetime(1, 1, 1, tzinfo=UTC),
]


@given(
    st.lists(
        st.fixed_dictionaries(
            {"at": st.sampled_from(MOMENTS), "n": st.sampled_from([1, 1.5, True, None, "x", [1]])},
            optional={"more": st.none()},
        ),
        max_size=3,
    ),
    st.booleans(),
    st.booleans(),
)
def test_plain_events_are_those_that_reading_leaves_as_they_are(events, naive, lacks):
    wanted = Wanted(
        {"at": None, "n": pl.Float64(), **({"lacks": None} if lacks else {})}, {"at": naive}, frozenset()
    )
    plain = are_plain(events, wanted.as_they_are, wanted.times)
    try:
        read = [wanted.check(each, number) for number, each in enumerate(events)]
    except BigheadError:
        read = None
    if plain:
        assert read == events
    elif events and read is not None:
        assert any(one is not other for one, other in zip(read, events, strict=True))
