from __future__ import annotations

import threading

from bighead.pipeline_lib.errors import StoreError
from bighead.pipeline_lib.inference_log import InferenceRecord, Ledger, RowRecord
from bighead.resources.event_log import FileEventLog
from bighead.serving.event_loggers.queue_logger import QueueLogger

ROW = RowRecord({}, {}, {}, {}, {"probability": 0.5})


def record(number: int, model: str = "m", rows: int = 1) -> InferenceRecord:
    return InferenceRecord(str(number), 0, number, model, 1, [ROW] * rows)


def test_everything_accepted_is_written_by_the_time_it_closes(tmp_path):
    logger = QueueLogger(FileEventLog(tmp_path), pause_seconds=0.001)
    threads = [
        threading.Thread(
            target=lambda n=n: [logger.log(record(n * 100 + i, f"m{i % 2}")) for i in range(100)]
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert logger.close() == Ledger(accepted=400, written=400, dropped=0)
    log = FileEventLog(tmp_path)
    assert sorted(int(r.request_id) for m in log.models() for r in log.read(m)) == list(range(400))


class Blocked:
    """A log that takes nothing until it is let go."""

    def __init__(self, fails: bool = False):
        self.gate, self.taken, self.fails = threading.Event(), 0, fails

    def append(self, model, records):
        self.gate.wait(10)
        if self.fails:
            raise StoreError("full.")
        self.taken += len(records)

    def close(self):
        pass


def test_a_full_queue_drops_and_counts(tmp_path):
    blocked = Blocked()
    logger = QueueLogger(blocked, capacity=10, pause_seconds=0)
    for number in range(50):
        logger.log(record(number, rows=2))
    ledger = logger.ledger
    assert ledger.accepted == 50
    # Five records fill the queue; the writer may have taken a batch of them already, and holds it.
    assert 40 <= ledger.dropped <= 45
    blocked.gate.set()
    final = logger.close()
    assert final.waiting == 0
    assert final.written == blocked.taken == 50 - final.dropped


def test_a_log_that_refuses_is_counted_as_dropped(tmp_path):
    blocked = Blocked(fails=True)
    blocked.gate.set()
    logger = QueueLogger(blocked, pause_seconds=0)
    logger.log(record(1))
    assert logger.close() == Ledger(accepted=1, written=0, dropped=1)
    logger.log(record(2))
    assert logger.ledger == Ledger(accepted=2, written=0, dropped=2)
