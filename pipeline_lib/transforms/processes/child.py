"""A program that lives as long as its step, and answers each table on its standard input with one on its output.

A request is one Arrow IPC stream (schema, one batch, end), and so is an answer: the end of a stream is in its bytes, so
one follows the other on the same pipe, and nothing else has to be framed.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError

_SAID_BYTES = 1000


class Child:
    """One running program.

    Args:
        command: The program and its arguments.
        environment: All that it sees of an environment.
        timeout: Seconds that an answer may take.

    Raises:
        DefinitionError: there is no such program, or it cannot be run.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], timeout: float) -> None:
        self._command, self._timeout = tuple(command), timeout
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 – it lives as long as the program
        self._process = _started(self._command, environment, self._said)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input: Any = self._process.stdin
        self._output: Any = self._process.stdout

    def answer(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Send a table and return the one that is answered.

        Raises:
            DataError: no answer in time, the program ended, or what it wrote is no table; it is ended then.
        """
        found: list[Any] = []
        worker = threading.Thread(target=lambda: found.append(self._exchange(frame)), daemon=True)
        worker.start()
        worker.join(self._timeout)
        if not found:
            self.end()
            raise self._failed(f"did not answer within {self._timeout:g} s")
        if isinstance(found[0], Exception):
            # A program that ends closes its output first: its status is there a moment later.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)
            status = self._process.poll()
            self.end()
            ended = f"ended with status {status}" if status is not None else "answered no Arrow stream"
            raise self._failed(f"{ended} ({type(found[0]).__name__}: {str(found[0])[:300]})") from found[0]
        return pl.DataFrame(found[0])

    def _exchange(self, frame: pl.DataFrame) -> Any:
        """Return the answered table, or what went wrong."""
        import pyarrow as pa
        import pyarrow.ipc

        try:
            # Answers are read while the request is written: a program may begin before it has read all.
            failed: list[Exception] = []
            writer = threading.Thread(target=self._send, args=(frame, failed), daemon=True)
            writer.start()
            with pyarrow.ipc.open_stream(pa.PythonFile(_Unclosed(self._output), mode="r")) as stream:
                table = stream.read_all()
            table.validate(full=True)
            writer.join()
            return failed[0] if failed else table
        except (OSError, ValueError, pa.ArrowException, MemoryError) as error:
            return error

    def _send(self, frame: pl.DataFrame, failed: list[Exception]) -> None:
        import pyarrow.ipc

        try:
            table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
            with pyarrow.ipc.new_stream(self._input, table.schema) as stream:
                stream.write_table(table.combine_chunks())
            self._input.flush()
        except (OSError, ValueError) as error:
            failed.append(error)

    def end(self) -> None:
        """End the program, if it has not ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._input, self._output):
            with contextlib.suppress(OSError, ValueError):
                pipe.close()

    @property
    def running(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def _failed(self, what: str) -> DataError:
        self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, self._said.tell() - _SAID_BYTES))
        said = self._said.read().decode(errors="replace").strip()
        return DataError(
            f"the program {Path(self._command[0]).name!r} {what}.",
            cure=f"It said: {said}" if said else "It said nothing on its standard error.",
        )


class _Unclosed:
    """A pipe that a reader of one stream leaves open for the next; it reads no further than it is asked."""

    closed = False

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def read(self, size: int = -1) -> bytes:
        return self._pipe.read(size)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """The pipe stays open."""


def _started(command: Sequence[str], environment: Mapping[str, str], said: Any) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=dict(environment)
        )
    except (OSError, ValueError) as error:
        raise DefinitionError(
            f"the program {command[0]!r} cannot be run: {error}.",
            cure="Give its path, and make it executable.",
        ) from error
