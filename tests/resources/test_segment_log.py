from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import ConflictError, CorruptLogError, StoreError
from bighead.resources.segment_log import SegmentLog, SegmentReader


@settings(max_examples=40, deadline=None)
@given(
    batches=st.lists(st.lists(st.binary(max_size=50), min_size=1, max_size=5), max_size=8),
    start=st.integers(0, 40),
)
def test_what_was_appended_is_read_back_in_order_from_any_position(tmp_path_factory, batches, start):
    folder = tmp_path_factory.mktemp("log")
    expected = [record for batch in batches for record in batch]
    with SegmentLog(folder, segment_bytes=100) as log:
        position = 0
        for batch in batches:
            assert log.append(batch) == position
            position += len(batch)
    assert list(SegmentReader(folder).read(start)) == list(enumerate(expected))[start:]
    with SegmentLog(folder, segment_bytes=100) as log:
        assert log.end() == len(expected) == SegmentReader(folder).end()


@pytest.mark.parametrize("cut", [1, 5, 15, 16, 17, 20])
def test_a_torn_last_batch_is_cut_off_and_the_log_goes_on(tmp_path, cut):
    with SegmentLog(tmp_path) as log:
        log.append([b"kept"])
        log.append([b"torn", b"torn too"])
    path = SegmentReader(tmp_path).segments()[0][1]
    path.write_bytes(path.read_bytes()[:-cut])
    with SegmentLog(tmp_path) as log:
        assert log.append([b"next"]) == 1
    assert [record for _, record in SegmentReader(tmp_path).read()] == [b"kept", b"next"]


def test_zeros_where_the_last_batch_should_be_are_a_torn_tail(tmp_path):
    with SegmentLog(tmp_path) as log:
        log.append([b"kept"])
    path = SegmentReader(tmp_path).segments()[0][1]
    path.write_bytes(path.read_bytes() + bytes(500))
    with SegmentLog(tmp_path) as log:
        assert log.end() == 1


@pytest.mark.parametrize("segment_bytes", [1, 10_000])
def test_a_changed_byte_before_the_tail_is_refused(tmp_path, segment_bytes):
    with SegmentLog(tmp_path, segment_bytes=segment_bytes) as log:
        log.append([b"first record"])
        log.append([b"second record"])
    path = SegmentReader(tmp_path).segments()[0][1]
    raw = bytearray(path.read_bytes())
    raw[20] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(CorruptLogError, match="does not match its checksum"):
        list(SegmentReader(tmp_path).read())


def test_a_missing_segment_is_refused(tmp_path):
    with SegmentLog(tmp_path, segment_bytes=1) as log:
        for record in (b"a", b"b", b"c"):
            log.append([record])
    SegmentReader(tmp_path).segments()[1][1].unlink()
    with pytest.raises(CorruptLogError, match="missing"):
        list(SegmentReader(tmp_path).read())


def test_a_second_writer_is_refused_until_the_first_closes(tmp_path):
    first = SegmentLog(tmp_path)
    with pytest.raises(ConflictError, match="another process writes"):
        SegmentLog(tmp_path)
    first.close()
    SegmentLog(tmp_path).close()


def test_threads_that_append_together_all_get_their_own_positions(tmp_path):
    got: dict[int, bytes] = {}
    with SegmentLog(tmp_path) as log:

        def write(name: int) -> None:
            for turn in range(20):
                record = f"{name}-{turn}".encode()
                got[log.append([record])] = record

        threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert dict(SegmentReader(tmp_path).read()) == got
    assert sorted(got) == list(range(160))


def test_a_full_disk_fails_the_append_and_leaves_the_log_whole(tmp_path, monkeypatch):
    import os

    with SegmentLog(tmp_path) as log:
        log.append([b"kept"])
        with monkeypatch.context() as patched:

            def no_room(file: int, data: bytes, offset: int) -> int:
                raise OSError(28, "No space left on device")

            patched.setattr(os, "pwrite", no_room)
            with pytest.raises(StoreError, match="No space left"):
                log.append([b"lost"])
        assert log.append([b"after"]) == 1
    assert [record for _, record in SegmentReader(tmp_path).read()] == [b"kept", b"after"]


WRITER = """
import sys
from pathlib import Path
from bighead.resources.segment_log import SegmentLog
log = SegmentLog(Path(sys.argv[1]), segment_bytes=2000)
for turn in range(10**9):
    first = log.append([b"%d" % turn])
    print(first, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path):
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(200)]
    child.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in child.stdout.read().split("\n") if line]
    child.wait()
    with SegmentLog(tmp_path) as log:
        assert log.end() >= len(acknowledged)
        kept = dict(log.read())
    assert all(kept[position] == str(position).encode() for position in acknowledged)
