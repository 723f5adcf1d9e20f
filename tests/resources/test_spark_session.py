"""The one session of a process: taken again, opened anew under other settings, stopped with the process."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from threading import Thread
from bighead.resources.spark_session import open_session, spark_conf
from pyspark import SparkContext

conf = spark_conf(None, "local[1]") | {"spark.log.level": "OFF"}
one = open_session(conf)
assert open_session(conf) is one
found = []
thread = Thread(target=lambda: found.append(open_session(conf | {"spark.master": "local[2]"})))
thread.start()
thread.join()
other = found[0]
assert one.sparkContext._jsc is None, "stopped"
assert other.range(5).count() == 5

stop = SparkContext.stop
SparkContext.stop = lambda self: (self._jsc and print("stopped", self.master, flush=True), stop(self))
"""


def test_a_process_has_one_session_and_stops_it_at_its_end(require_program):
    require_program("java", "apt-get install openjdk-17-jre-headless")
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert ended.stdout.splitlines()[-1] == "stopped local[2]"
