"""Runs that are large are files: they read as values do, and none is lost, left behind or named for nothing."""

from __future__ import annotations

from random import Random

import pytest
from clicks import HOUR, B, clicks, rows, stream
from memory_online_store import MemoryOnlineStore

from bighead.pipeline_lib.errors import StoreError
from bighead.resources import lmdb_runs, run_files
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Files from 300 bytes on, and levels that merge them often."""
    monkeypatch.setattr(run_files, "_LARGE", 300)
    monkeypatch.setattr(lmdb_runs, "_SMALLEST", 256)


def opened(folder) -> LmdbOnlineStore:
    store = LmdbOnlineStore(folder / "online")
    store.put_generation(clicks, B, rows(*(("ann", n, -1, f"g{n}", 1.0) for n in range(20))), {})
    return store


def step(draw: Random, start: int, size: int):
    return rows(*((draw.choice("abc"), 1, draw.randint(-2, 9), f"e{start + n}", 1.0) for n in range(size)))


def fill(stores, steps: int = 30) -> int:
    draw, end = Random(7), 0
    for _ in range(steps):
        size = draw.randint(1, 20)
        frame = step(draw, end, size)
        for each in stores:
            each.apply(stream(frame, end))
        end += size
    return end


def files(store) -> set[str]:
    return {path.name for path in (store._folder / "index" / "runs").iterdir()}


def named(store) -> set[str]:
    with store._environment.begin(buffers=True) as reading:
        return store._streams.files(reading) | store._generations.range_files(reading, store._index)


def same(store, oracle, end: int) -> None:
    for key in "abcd":
        for hours in (0, 4, 10):
            at = microseconds(B + hours * HOUR)
            seen, expected = (each.fetch(clicks, [(key, 1)], at).frame for each in (store, oracle))
            assert seen.sort("event_id").equals(expected.sort("event_id"))
    names = [f"e{n}" for n in range(end + 5)]
    assert store.known("clicks", names) == oracle.known("clicks", names)


def test_files_read_as_values_do_and_only_those_that_are_named_are_there(tmp_path):
    store, oracle = opened(tmp_path), MemoryOnlineStore()
    oracle.put_generation(clicks, B, rows(), {})
    end = fill((store, oracle))
    same(store, oracle, end)
    assert len(files(store)) >= 3
    assert files(store) == named(store)
    assert store.forget_ids("clicks", end // 2) == oracle.forget_ids("clicks", end // 2)
    same(store, oracle, end)
    assert files(store) == named(store)
    store.close()


def test_another_store_reads_on_while_files_are_merged_away(tmp_path):
    """Like another process: it has its own maps, and finds the files of its transaction gone."""
    writer = opened(tmp_path)
    reader, oracle = LmdbOnlineStore(tmp_path / "online"), MemoryOnlineStore()
    oracle.put_generation(clicks, B, rows(), {})
    draw, end = Random(3), 0
    for _ in range(40):
        frame = step(draw, end, 15)
        for each in (writer, oracle):
            each.apply(stream(frame, end))
        end += 15
        same(reader, oracle, end)
    assert set(reader._run_files._mapped) <= files(writer), "maps of removed files are let go"
    reader.close()
    writer.close()


def test_a_file_that_goes_between_the_look_up_and_the_read_is_looked_up_again(tmp_path, monkeypatch):
    store = opened(tmp_path)
    end, map_run, failed = fill([store]), store._run_files._map, []

    def gone_once(name):
        if not failed:
            failed.append(name)
            raise FileNotFoundError(name)
        return map_run(name)

    store._run_files._mapped.clear()
    monkeypatch.setattr(store._run_files, "_map", gone_once)
    assert len(store.known("clicks", [f"e{n}" for n in range(end)]).ids) == end
    assert failed
    store.close()


def test_what_a_failed_commit_wrote_is_removed_and_what_it_dropped_stays(tmp_path, monkeypatch):
    store, oracle = opened(tmp_path), MemoryOnlineStore()
    oracle.put_generation(clicks, B, rows(), {})
    end, before = fill((store, oracle)), files(store)
    apply = store._streams.apply

    def fails(*given):
        apply(*given)
        assert files(store) != before, "files were written"
        raise OSError("no space left on device")

    monkeypatch.setattr(store._streams, "apply", fails)
    with pytest.raises(OSError, match="no space"):
        store.apply(stream(step(Random(1), end, 200), end))
    assert files(store) == before == named(store)
    same(store, oracle, end)
    store.close()


def test_what_a_crash_left_is_removed_when_the_store_is_opened(tmp_path):
    store, oracle = opened(tmp_path), MemoryOnlineStore()
    oracle.put_generation(clicks, B, rows(), {})
    end = fill((store, oracle))
    (tmp_path / "online" / "index" / "runs" / "0123456789abcdef").write_bytes(b"half a run")
    store.close()
    store = LmdbOnlineStore(tmp_path / "online")
    assert files(store) == named(store)
    same(store, oracle, end)
    store.close()


def test_a_file_that_was_deleted_by_hand_is_told_with_the_cure(tmp_path):
    store = opened(tmp_path)
    fill([store])
    for path in (tmp_path / "online" / "index" / "runs").iterdir():
        path.unlink()
    store._run_files._mapped.clear()
    with pytest.raises(StoreError, match=r"names .*runs/[0-9a-f]{16}, which is not there(.|\n)*rebuilt"):
        store.fetch(clicks, [("a", 1)], microseconds(B + HOUR))
    store.close()


def test_files_of_replaced_generations_and_of_forgotten_streams_are_removed(tmp_path):
    store = opened(tmp_path)
    fill([store])
    for day in range(1, 4):
        store.put_generation(
            clicks, B.replace(day=B.day + day), rows(*(("ann", n, -1, f"g{n}", 1.0) for n in range(20))), {}
        )
    store.forget_streams()
    assert files(store) == named(store)
    assert len(files(store)) == 2, "the ranges of the newest two generations"
    store.close()
