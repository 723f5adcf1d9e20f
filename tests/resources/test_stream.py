from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import msgspec
import polars as pl
import pytest
from arrivals import SOURCE, B, carrier, dest, event, schema, upload
from structlog.testing import capture_logs

from bighead.pipeline_lib.errors import RequestError, StoreError
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.online_stores import open_online_store
from bighead.resources.stream import Receipt, Streams


@pytest.fixture(params=["lmdb", "redis"])
def opened(request, tmp_path):
    redis = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    store = open_online_store(tmp_path / "online", redis)
    upload(store)
    streams = Streams(tmp_path / "streams", store)
    yield streams, store
    streams.close()
    store.close()


def seen(store, key="UA", feature_set=carrier) -> list[tuple]:
    frame = store.fetch(feature_set, [(key,)], microseconds(B + timedelta(days=1))).frame
    return sorted(frame.select("event_id", "delay", "late").rows())


def test_events_are_cleaned_as_a_batch_would_be_and_indexed_for_every_set_they_feed(opened):
    streams, store = opened
    receipt = streams.ingest(
        "arrivals", [event(1), event(2, delay=5), event(3, status="lost"), event(4, dest="SFO", delay=None)]
    )
    assert receipt == Receipt(accepted=4, duplicates=0, position=4)
    assert seen(store) == [("f1", 20.0, 1.0), ("f2", 5.0, 0.0), ("f4", None, 0.0)]
    assert seen(store, "SFO", dest) == [("f4", None, 0.0)]


def test_an_event_counts_once_however_often_it_is_sent(opened):
    streams, store = opened
    assert streams.ingest("arrivals", [event(1), event(1), event(2)]) == Receipt(2, 1, 2)
    assert streams.ingest("arrivals", [event(2), event(3)]) == Receipt(1, 1, 3)
    assert [each[0] for each in seen(store)] == ["f1", "f2", "f3"]
    assert len(streams.read("arrivals")) == 3


def test_messagepack_timestamps_and_text_mean_the_same(opened):
    streams, store = opened
    moment = B + timedelta(minutes=7)
    streams.ingest(
        "arrivals", [msgspec.msgpack.decode(msgspec.msgpack.encode(event(7, landed=moment, heard=moment)))]
    )
    frame = store.fetch(carrier, [("UA",)], microseconds(B + timedelta(days=1))).frame
    assert frame["event_time"].to_list() == [moment]


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"landed": "noon"}, "wrong_instant", "landed"),
        ({"landed": "2013-11-02T10:00:00"}, "wrong_instant", "landed"),
        ({"heard": None}, "wrong_instant", "heard"),
        ({"carrier": 5}, "wrong_type", "carrier"),
        ({"delay": "late"}, "wrong_type", "delay"),
        ({"flight": None}, "wrong_type", "flight"),
        ({"flight": 5}, "wrong_type", "flight"),
    ],
)
def test_a_wrong_event_is_named_and_nothing_of_the_request_is_kept(opened, changes, code, column):
    streams, store = opened
    with pytest.raises(RequestError) as refused:
        streams.ingest("arrivals", [event(1), event(2, **changes)])
    error = refused.value
    assert (error.status, error.code, error.column, error.row) == (400, code, column, 1)
    assert streams.position("arrivals") == 0
    assert seen(store) == []


def test_a_missing_column_is_named_with_the_nearest(opened):
    streams, _ = opened
    wrong = event(1)
    wrong["delai"] = wrong.pop("delay")
    with pytest.raises(RequestError, match="lacks the column 'delay'") as refused:
        streams.ingest("arrivals", [wrong])
    assert "delai" in refused.value.cure
    without_status = event(1)
    del without_status["status"]
    with pytest.raises(RequestError, match="lacks the column 'status'"):
        streams.ingest("arrivals", [without_status])


def test_two_events_under_one_id_are_refused(opened):
    streams, _ = opened
    with pytest.raises(RequestError, match="names different events"):
        streams.ingest("arrivals", [event(1), event(1, delay=99)])
    assert streams.position("arrivals") == 0


def test_values_of_unlike_types_in_an_untyped_column_never_spoil_a_replay(opened):
    """Only `where` reads `status`: it has no declared type, and each event is taken by itself."""
    streams, store = opened
    for wrong in ({"code": 1}, 5, ["ok"], True):
        with pytest.raises(RequestError, match="'=' does not take") as refused:
            streams.ingest("arrivals", [event(99, status=wrong)])
        assert (refused.value.status, refused.value.code) == (400, "wrong_event")
    unlike = [None, None, "ok", None, "lost", None, "lost"]
    for number, status in enumerate(unlike):
        streams.ingest("arrivals", [event(number, status=status)])
    assert [each[0] for each in seen(store)] == ["f2"]
    store.forget_streams()
    assert streams.catch_up("arrivals") == len(unlike)
    assert [each[0] for each in seen(store)] == ["f2"]
    together = [event(10 + number, status=status) for number, status in enumerate(unlike)]
    assert streams.ingest("arrivals", together).accepted == len(unlike)
    assert [each[0] for each in seen(store)] == ["f12", "f2"]


def test_an_unknown_stream_is_answered_with_the_nearest(opened):
    with pytest.raises(RequestError, match="arivals") as refused:
        opened[0].ingest("arivals", [event(1)])
    assert (refused.value.status, refused.value.cure) == (404, "Did you mean 'arrivals'?")


def test_the_index_rebuilt_from_the_log_is_the_same(opened, tmp_path):
    streams, store = opened
    for start in range(0, 60, 20):
        streams.ingest("arrivals", [event(n, delay=n % 30) for n in range(start, start + 20)])
    before = seen(store)
    store.forget_streams()
    assert seen(store) == []
    fresh = Streams(tmp_path / "streams", store)
    assert fresh.catch_up_all() == {"arrivals": 60}
    assert seen(store) == before
    assert store.known("arrivals", ["f0", "f59", "f60"]).ids == {"f0", "f59"}


@pytest.mark.parametrize("offers", [False, True])
def test_posts_that_share_a_commit_are_indexed_as_the_log_has_them(opened, tmp_path, offers):
    """Rows cleaned to check a post are those of the index, less what was known, came twice or is no row of a set."""
    streams, store = opened
    streams.ingest("arrivals", [event(n) for n in range(0, 20, 2)])
    posts = [
        [event(n, status="lost" if n in (5, 13) else "ok") for n in range(first, first + 8)]
        for first in (0, 4, 10)
    ]
    with ThreadPoolExecutor(4) as pool, streams._writing:
        waiting = [pool.submit(streams.ingest, "arrivals", each) for each in posts]
        if offers:
            waiting.append(pool.submit(streams.offer, "arrivals", [event(31), {"flight": "f32"}]))
        while streams._groups.waiting("arrivals") < len(waiting):
            time.sleep(0.001)
    assert sum(each.result().accepted for each in waiting) == 9 + offers
    before, known = seen(store), {*range(19), *([31] if offers else [])} - {5, 13}
    assert {each[0] for each in before} == {f"f{n}" for n in known}
    store.forget_streams()
    Streams(tmp_path / "streams", store).catch_up_all()
    assert seen(store) == before


def test_a_set_that_is_uploaded_later_learns_of_earlier_events(opened):
    streams, store = opened
    streams.ingest("arrivals", [event(1), event(2)])
    later = replace(carrier, name="later")
    store.put_generation(later, B, pl.DataFrame(schema=schema("carrier")), {})
    streams.ingest("arrivals", [event(3)])
    assert [each[0] for each in seen(store, feature_set=later)] == ["f1", "f2", "f3"]
    assert [each[0] for each in seen(store)] == ["f1", "f2", "f3"]


def test_a_set_that_is_uploaded_later_leaves_out_events_that_it_cannot_take_and_tells_of_them(opened):
    streams, store = opened
    streams.ingest("arrivals", [event(0), *(event(n, gate=f"A{n}") for n in range(1, 6)), event(6, gate=7)])
    source = replace(SOURCE, where="status = 'ok' AND gate <> 'A2'")
    gated = replace(carrier, name="gated", source=source)
    store.put_generation(gated, B, pl.DataFrame(schema=schema("carrier")), {})
    with capture_logs() as told:
        streams.ingest("arrivals", [event(7, gate="B1")])
    assert [each[0] for each in seen(store, feature_set=gated)] == ["f1", "f3", "f4", "f5", "f7"]
    assert len(seen(store)) == 8
    [line] = [each for each in told if each["event"] == "logged_events_left_out"]
    assert (line["feature_set"], line["events"], line["first_position"]) == ("gated", 2, 0)
    assert "gate" in line["reason"]
    before = seen(store, feature_set=gated)
    store.forget_streams()
    streams.catch_up("arrivals")
    assert seen(store, feature_set=gated) == before


def test_an_index_that_fails_after_the_log_took_an_event_is_caught_up_and_counts_it_once(opened, monkeypatch):
    streams, store = opened
    with monkeypatch.context() as patched:

        def fail(applied):
            raise RuntimeError("the machine stumbled")

        patched.setattr(store, "apply", fail)
        with pytest.raises(StoreError, match="stumbled"):
            streams.ingest("arrivals", [event(1)])
    assert streams.ingest("arrivals", [event(1), event(2)]) == Receipt(1, 1, 2)
    assert [each[0] for each in seen(store)] == ["f1", "f2"]


def test_threads_that_send_the_same_events_count_them_once(opened):
    streams, store = opened
    receipts = []
    threads = [
        threading.Thread(
            target=lambda: receipts.append(streams.ingest("arrivals", [event(n) for n in range(10)]))
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(r.accepted for r in receipts) == 10
    assert sum(r.duplicates for r in receipts) == 50
    assert len(seen(store)) == 10


WRITER = """
import json, sys
from pathlib import Path
from bighead.resources import run_files
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.stream import Streams
home, run_files._LARGE = Path(sys.argv[1]), int(sys.argv[2])
streams = Streams(home / "streams", LmdbOnlineStore(home / "online"))
for line in sys.stdin:
    streams.ingest("arrivals", json.loads(line))
    print("acknowledged", flush=True)
"""


@pytest.mark.parametrize("large", [1 << 18, 300], ids=["values", "files"])
def test_acknowledged_events_survive_kill_9(tmp_path, large):
    store = LmdbOnlineStore(tmp_path / "online")
    upload(store)
    store.close()
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path), str(large)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    for start in range(0, 400, 10):
        child.stdin.write(json.dumps([event(n) for n in range(start, start + 10)]) + "\n")
    child.stdin.flush()
    for _ in range(12):
        assert child.stdout.readline() == "acknowledged\n"
    child.send_signal(signal.SIGKILL)
    acknowledged = 12 + child.stdout.read().count("acknowledged\n")
    child.wait()
    store = LmdbOnlineStore(tmp_path / "online")
    streams = Streams(tmp_path / "streams", store)
    end = streams.catch_up("arrivals")
    assert end >= acknowledged * 10
    assert {each[0] for each in seen(store)} == {f"f{n}" for n in range(end)}
    # A client that never heard back sends everything again, and nothing counts twice.
    streams.ingest("arrivals", [event(n) for n in range(400)])
    assert {each[0] for each in seen(store)} == {f"f{n}" for n in range(400)}
    assert streams.position("arrivals") == 400
    streams.close()
    store.close()
