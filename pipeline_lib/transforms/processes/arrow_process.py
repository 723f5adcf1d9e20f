"""ArrowProcess: a transform in any language, as a program that reads and writes Arrow IPC streams."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnsupportedStepError
from bighead.pipeline_lib.foreign_code import check_program
from bighead.pipeline_lib.pipeline.transformer import EVERYTHING, State, Transformer
from bighead.pipeline_lib.transforms.processes.child import Child


@dataclass(eq=False)
class ArrowProcess(Transformer):
    """Columns that a program of your own makes: each table goes to its standard input as one Arrow IPC stream.

    It answers each with one stream on its standard output, a row for each row, in order, until its input ends. The
    program is started with the first table and lives as long as the step; what it says on its standard error is told
    where it fails. It sees no variables of the environment but those that are named. The reference is the
    "IPC Streaming Format" of the Arrow columnar format.

    Args:
        command: The program and its arguments.
        program: A file that is stored with the step, an executable or a script: `{program}` among the arguments stands
            for its path. Without it the step cannot be stored. It may be given as a path only before fit.
        timeout: Seconds that an answer may take.
        environment: The names of variables that the program may see.

    Raises:
        DefinitionError: no command, a program that there is not, or no time to answer in.

    >>> import sys
    >>> script = '''
    ... import sys, pyarrow as pa
    ... while True:
    ...     try: table = pa.ipc.open_stream(sys.stdin.buffer).read_all()
    ...     except pa.ArrowInvalid: break
    ...     twice = pa.table({"twice": pa.compute.multiply(table["n"], 2)})
    ...     with pa.ipc.new_stream(sys.stdout.buffer, twice.schema) as out: out.write(twice)
    ...     sys.stdout.flush()
    ... '''
    >>> step = ArrowProcess([sys.executable, "-c", "import pyarrow.compute" + script])
    >>> step.transform(pl.DataFrame({"n": [1, 2]}))["twice"].to_list()
    [2, 4]
    >>> step.close()
    """

    command: Sequence[str]
    program: str | None = None
    timeout: float = 30.0
    environment: Sequence[str] = ()
    _content: bytes | None = field(init=False, repr=False, default=None)
    _child: Child | None = field(init=False, repr=False, default=None)
    _folder: Any = field(init=False, repr=False, default=None)
    _lock: Any = field(init=False, repr=False, default_factory=threading.Lock)

    takes = EVERYTHING

    def __post_init__(self) -> None:
        if isinstance(self.command, str) or not self.command:
            raise DefinitionError(
                f"the command is {self.command!r}.", cure="Give a list: ['./program', '--fast']."
            )
        if not 0 < self.timeout < 1e6:
            raise DefinitionError(f"timeout is {self.timeout}.", cure="Give seconds, more than 0.")

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Read the program's file, so that it is what is stored; the program itself learns nothing."""
        if self.program is not None and self._content is None:
            try:
                self._content = Path(self.program).read_bytes()
            except OSError as error:
                raise DefinitionError(
                    f"the program cannot be read: {error}.", cure="Give its path."
                ) from error

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return what the program answers.

        Raises:
            DataError: it does not answer in time, ends, or answers no table, or another number of rows.
        """
        # One table at a time: a program has one input and one output.
        with self._lock:
            if self._child is None or not self._child.running:
                self._child = Child(self._command(), self._environment(), self.timeout)
            made = self._child.answer(frame)
            if made.height != frame.height:
                self._child.end()
                raise DataError(
                    f"the program {self.command[0]!r} answered {made.height} rows for {frame.height}.",
                    cure="It answers a row for each row, in order.",
                )
        return made

    def close(self) -> None:
        """End the program; the next table starts it again."""
        with self._lock:
            if self._child is not None:
                self._child.end()
                self._child = None

    def __del__(self) -> None:
        child = getattr(self, "_child", None)
        if child is not None:
            child.end()

    def params(self) -> dict[str, Any]:
        """Return the arguments that it was made with; of a fitted step the program's hash stands for its path."""
        given = super().params()
        if self._content is not None:
            given["program"] = f"sha256:{hashlib.sha256(self._content).hexdigest()}"
        return {**given, "command": list(self.command), "environment": list(self.environment)}

    @property
    def identity(self) -> str:
        """What a process that loads the step allows (`allow_code`): a hash of program, arguments and variables."""
        given = self.params()
        said = json.dumps([given["command"], given["environment"], given["program"]])
        return f"program:{hashlib.sha256(said.encode()).hexdigest()}"

    def clone(self) -> ArrowProcess:
        """Return an unfitted step of the same parameters; a program that was loaded goes along."""
        clone = ArrowProcess(list(self.command), self.program, self.timeout, list(self.environment))
        if self.program is not None and self.program.startswith("sha256:"):
            clone._content = self._content
        return clone

    def state(self) -> State:
        """The program's file.

        Raises:
            UnsupportedStepError: the step was made without one.
        """
        if self._content is None:
            raise UnsupportedStepError(
                f"the program {self.command[0]!r} is a file of this machine, which a bundle does not carry.",
                cure="Give ArrowProcess(['{program}'], program='path/of/the/file'), and it is stored.",
            )
        return {"program.bin": self._content}

    def restore(self, state: State) -> None:
        """Take up the program's file; running it is running code, so the process must have allowed that.

        Raises:
            ArtifactError: the program is not allowed here.
            ValueError: it is another one than the parameters name.
        """
        content = state["program.bin"]
        assert isinstance(content, bytes)
        if self.program != f"sha256:{hashlib.sha256(content).hexdigest()}":
            raise ValueError("the program is another one than its hash says")
        self._content = content
        check_program(self.identity, f"the program of the command {list(self.command)}")

    def _command(self) -> list[str]:
        if self._content is None:
            return [str(each) for each in self.command]
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="bighead-program-")
        file = Path(self._folder.name) / "program"
        if not file.exists():
            file.write_bytes(self._content)
            file.chmod(0o700)
        return [str(file) if each == "{program}" else str(each) for each in self.command]

    def _environment(self) -> dict[str, str]:
        # The child's environment, not ours: what is not named here is not passed on.
        return {name: os.environ[name] for name in self.environment if name in os.environ}
