"""A Kafka broker of one's own, for `bighead dev --with kafka` and the tests: KRaft, one node, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bighead.cli.services import child
from bighead.pipeline_lib.errors import StoreError

VERSION = "4.0.0"
_ARTIFACTS = (
    ("org.apache.kafka", "kafka_2.13", VERSION),
    ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"),
)
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>bighead</groupId><artifactId>broker</artifactId><version>1</version><dependencies>
{dependencies}</dependencies></project>
"""
_DEPENDENCY = (
    "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>\n"
)
_PROPERTIES = """process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={data}/log
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.check.interval.ms=1000
log.initial.task.delay.ms=500
"""
_HEAP = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def fetch(folder: Path) -> Path:
    """Return `folder` with the broker's jars in it, fetched with Maven when it is not there.

    Raises:
        StoreError: Maven is missing or failed.
    """
    if folder.is_dir():
        return folder
    maven = _program("mvn", "maven")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        dependencies = "".join(_DEPENDENCY.format(*each) for each in _ARTIFACTS)
        (Path(work) / "pom.xml").write_text(_POM.format(dependencies=dependencies), encoding="utf-8")
        jars = Path(work) / "jars"
        arguments = [maven, "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
        ended = subprocess.run(arguments, cwd=work, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise StoreError(f"Maven could not fetch Kafka: {ended.stdout[-500:]}", cure="Run it again.")
        if not folder.is_dir():
            os.replace(jars, folder)
    return folder


@contextmanager
def kafka_broker(jars: Path, data: Path, port: int, patience_seconds: float = 90) -> Iterator[str]:
    """Run a broker over `data`, made when missing, and yield its address once it answers.

    Raises:
        StoreError: Java is missing, or the broker did not start; the message names its log.
    """
    java, log = _program("java", "openjdk-17-jre-headless"), data / "broker.log"
    data.mkdir(parents=True, exist_ok=True)
    properties = data / "server.properties"
    command = [java, *_HEAP, "-cp", str(jars / "*")]
    properties.write_text(_PROPERTIES.format(port=port, controller=free_port(), data=data), encoding="utf-8")
    if not (data / "log" / "meta.properties").exists():
        formatting = ["kafka.tools.StorageTool", "format", "--standalone", "-t", "YmlnaGVhZC1icm9rZXItMQ"]
        _run([*command, *formatting, "-c", str(properties)])
    with child([*command, "kafka.Kafka", str(properties)], dict(os.environ), log) as process:
        deadline = time.monotonic() + patience_seconds
        while time.monotonic() < deadline and process.poll() is None:
            if listens(port):
                yield f"127.0.0.1:{port}"
                return
            time.sleep(0.1)
        raise StoreError("the Kafka broker did not start.", cure=f"Its log is {log}.")


def free_port() -> int:
    """Return a port of the loopback address that nobody has."""
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody answers at a port of the loopback address."""
    with socket.socket() as probing:
        probing.settimeout(1)
        return probing.connect_ex(("127.0.0.1", port)) == 0


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise StoreError(f"{name} is missing.", cure=f"Get it with: apt-get install {package}")
    return found


def _run(arguments: list[str]) -> None:
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise StoreError(f"Kafka's storage could not be made: {(ended.stdout + ended.stderr)[-500:]}")


if __name__ == "__main__":
    print(fetch(Path(sys.argv[1]).absolute()))
