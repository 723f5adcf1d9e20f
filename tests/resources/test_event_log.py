from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bighead.pipeline_lib.inference_log import InferenceRecord
from bighead.resources.event_log import EventLog, FileEventLog


class MemoryEventLog:
    """The twin that the contract below is also held against."""

    def __init__(self):
        self.kept = {}

    def append(self, model, records):
        self.kept.setdefault(model, []).extend(records)

    def read(self, model, start=None, end=None):
        for record in self.kept.get(model, []):
            at = datetime.fromtimestamp(record.at / 1e6, UTC)
            if (start is None or start <= at) and (end is None or at < end):
                yield record

    def models(self):
        return sorted(self.kept)

    def close(self):
        pass


@pytest.fixture(params=["file", "memory"])
def event_log(request, tmp_path) -> EventLog:
    return FileEventLog(tmp_path / "log") if request.param == "file" else MemoryEventLog()


def record(number: int, model: str = "m") -> InferenceRecord:
    return InferenceRecord(str(number), 0, number * 1_000_000, model, 1, [])


def test_records_come_back_by_model_and_time(event_log):
    event_log.append("m", [record(1), record(2)])
    event_log.append("a/b ü", [record(7, "a/b ü")])
    event_log.append("m", [record(3)])
    assert [r.request_id for r in event_log.read("m")] == ["1", "2", "3"]
    span = (datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC), datetime(1970, 1, 1, 0, 0, 3, tzinfo=UTC))
    assert [r.request_id for r in event_log.read("m", *span)] == ["2"]
    assert event_log.models() == ["a/b ü", "m"]
    assert list(event_log.read("nobody")) == []
    event_log.close()
    assert len(list(event_log.read("m"))) == 3


def test_two_writers_share_a_home_and_a_later_one_goes_on(tmp_path):
    one, two = FileEventLog(tmp_path), FileEventLog(tmp_path)
    one.append("m", [record(1)])
    two.append("m", [record(2)])
    one.close()
    three = FileEventLog(tmp_path)
    three.append("m", [record(3)])
    assert sorted(r.request_id for r in two.read("m")) == ["1", "2", "3"]
    assert len(list((tmp_path / "m").glob("shard-*"))) == 2
    two.close()
    three.close()
