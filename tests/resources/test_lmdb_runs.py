"""The LMDB index holds runs: as many steps as may come, of any size, read as one list would be."""

from __future__ import annotations

from random import Random

import lmdb
import pytest
from arrivals import B as ARRIVALS
from arrivals import carrier, event, upload
from bighead_kernels import build_ids, find_ids, find_rows, merge_tails
from clicks import HOUR, B, clicks, rows, stream
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_online_store import MemoryOnlineStore

from bighead.pipeline_lib.point_in_time.key_digest import digests_of
from bighead.resources import lmdb_runs
from bighead.resources.generation_files import key_ranges
from bighead.resources.lmdb_changing_rows import RANGE
from bighead.resources.lmdb_environment import acquire, release
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds, ordered, set_id
from bighead.resources.stream import Streams

NAME = set_id(clicks).encode() + b"\0"


def opened(tmp_path) -> LmdbOnlineStore:
    store = LmdbOnlineStore(tmp_path / "online")
    store.put_generation(clicks, B, rows(), {})
    return store


def runs(store) -> list[int]:
    with store._environment.begin(buffers=True) as reading:
        return [len(run) for run in store._streams._rows.read(reading, NAME)]


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 30), min_size=1, max_size=40), seed=st.integers(0, 9))
def test_many_steps_read_as_one_list(tmp_path_factory, sizes, seed):
    draw, store, oracle = Random(seed), opened(tmp_path_factory.mktemp("index")), MemoryOnlineStore()
    oracle.put_generation(clicks, B, rows(), {})
    end = 0
    for size in sizes:
        step = rows(*((draw.choice("abc"), 1, draw.randint(-2, 9), f"e{end + n}", 1.0) for n in range(size)))
        for each in (store, oracle):
            each.apply(stream(step, end))
        end += size
    for key in "abcd":
        for hours in (0, 4, 10):
            at = microseconds(B + hours * HOUR)
            seen, expected = (each.fetch(clicks, [(key, 1)], at).frame for each in (store, oracle))
            assert seen.sort("event_id").equals(expected.sort("event_id"))
    names = [f"e{n}" for n in range(end + 5)]
    assert store.known("clicks", names) == oracle.known("clicks", names)
    before = end // 2
    assert store.forget_ids("clicks", before) == oracle.forget_ids("clicks", before) == before
    assert store.known("clicks", names) == oracle.known("clicks", names)
    store.close()


def test_runs_stay_few_and_below_the_largest(tmp_path, monkeypatch):
    monkeypatch.setattr(lmdb_runs, "_SMALLEST", 256)
    monkeypatch.setattr(lmdb_runs, "_LARGEST", 20_000)
    store = opened(tmp_path)
    for number in range(300):
        store.apply(stream(rows(("ann", number, 1, f"e{number}", 1.0)), number))
        # Three of each of four levels, and those that are large.
        assert len(runs(store)) <= 12 + sum(length > 5_000 for length in runs(store))
    assert max(runs(store)) <= 20_000
    assert (
        store.fetch(clicks, [("ann", n) for n in range(300)], microseconds(B + 2 * HOUR)).frame.height == 300
    )
    store.close()


def test_rows_of_one_time_come_in_the_order_of_the_log(tmp_path):
    store = opened(tmp_path)
    names = [f"e{n}" for n in range(9)]
    for number, name in enumerate(names):
        store.apply(stream(rows(("ann", 1, 1, name, 1.0)), number))
    assert store.fetch(clicks, [("ann", 1)], microseconds(B + HOUR)).frame["event_id"].to_list() == names
    store.close()


def test_an_index_of_an_older_layout_is_recognised_and_rebuilt_from_the_log(tmp_path):
    """What the first layout wrote: a row a key, ids with their arrivals, positions under names of its own."""
    store = LmdbOnlineStore(tmp_path / "online")
    upload(store)
    streams = Streams(tmp_path / "streams", store)
    streams.ingest("arrivals", [event(n) for n in range(5)])
    before = store.fetch(carrier, [("UA",)], microseconds(ARRIVALS.replace(day=3))).frame
    streams.close()
    store.close()
    environment = acquire(tmp_path / "online" / "index")
    meta, tail = environment.open_db(b"meta"), environment.open_db(b"tail")
    former = [environment.open_db(name) for name in (b"ids", b"arrivals")]
    with environment.begin(write=True) as writing:
        for name in (b"tail_runs", b"id_runs"):
            writing.drop(environment.open_db(name, txn=writing))
        writing.delete(b"layout", db=meta)
        for name in (b"stream:arrivals", b"position:" + set_id(carrier).encode()):
            writing.put(name, ordered(5), db=meta)
        writing.put(set_id(carrier).encode() + b"\0" + bytes(32), b"a row", db=tail)
        for database in former:
            writing.put(b"arrivals\0" + bytes(16), ordered(1), db=database)
    release(tmp_path / "online" / "index")
    store = LmdbOnlineStore(tmp_path / "online")
    assert set(store.ends("arrivals").values()) == {0}
    assert store.generations(carrier), "uploads stay"
    streams = Streams(tmp_path / "streams", store)
    again = streams.ingest("arrivals", [event(n) for n in range(6)])
    assert (again.accepted, again.duplicates) == (1, 5)
    after = store.fetch(carrier, [("UA",)], microseconds(ARRIVALS.replace(day=3))).frame
    assert after.sort("event_id").head(before.height).equals(before.sort("event_id"))
    with store._environment.begin() as reading, pytest.raises(lmdb.NotFoundError):
        store._environment.open_db(b"arrivals", txn=reading, create=False)
    streams.close()
    store.close()


def test_a_value_that_is_no_run_is_refused():
    with pytest.raises(ValueError, match="no run of ids"):
        find_ids([b"x" * 40], bytes(16))
    with pytest.raises(ValueError, match="no run of rows"):
        find_rows([build_ids(bytes(16), [1])], [bytes(16)], None, 1)
    with pytest.raises(ValueError, match="16 bytes"):
        build_ids(bytes(15), [1])
    with pytest.raises(ValueError, match="1 digests and 2 values"):
        build_ids(bytes(16), [1, 2])
    assert merge_tails([]) == b""


def test_a_generation_that_was_uploaded_before_there_were_runs_is_read(tmp_path):
    store = LmdbOnlineStore(tmp_path / "online")
    store.put_generation(clicks, B, rows(*(("ann", n % 3, -n - 1, f"g{n}", 1.0) for n in range(9))), {})
    keys = [("ann", 0), ("ann", 1), ("ann", 2), ("nobody", 1)]
    expected = store.fetch(clicks, keys, microseconds(B))
    prefix = NAME + ordered(microseconds(B))
    with store._environment.begin(write=True) as writing:
        assert writing.delete(prefix + b"r", db=store._index)
        for key, offset, length in key_ranges(clicks, store._files.open(_file(store, writing))):
            writing.put(prefix + key, RANGE.pack(offset, length), db=store._index)
    assert store.fetch(clicks, keys, microseconds(B)).frame.equals(expected.frame)
    found = store.places(clicks, digests_of(keys), microseconds(B)).ranges
    assert (found[-1], [RANGE.unpack(each)[1] for each in found[:-1]]) == (None, [3, 3, 3])
    store.close()


def _file(store: LmdbOnlineStore, reading: lmdb.Transaction) -> str:
    [newest, *_] = store._generations.of(reading, set_id(clicks))
    return newest.file
