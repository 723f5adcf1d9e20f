"""OnnxModel: a network or model of any framework that exports ONNX, as a frozen step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import ArtifactError, DataError, DefinitionError, SchemaError, quoted
from bighead.pipeline_lib.frameworks.extras import import_extra
from bighead.pipeline_lib.pipeline.dtypes import polars_type, word_of
from bighead.pipeline_lib.pipeline.transformer import State, Transformer

_Array = np.ndarray[Any, Any]
_TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}
# More numbers a row than these are one column, a tensor.
MOST_COLUMNS = 512


@dataclass(frozen=True)
class Port:
    """An input of the graph: its name, NumPy type, and the shape of one row (None where any length goes)."""

    name: str
    dtype: Any
    shape: tuple[int | None, ...]


class OnnxModel(Transformer):
    """A graph in the ONNX format, run by ONNX Runtime; it learns nothing.

    A graph of one input of shape [rows, k] reads k columns of numbers; else each input reads the column of its name:
    one value a row, or a tensor. The first dimension is the rows. An output of shape [rows] or [rows, 1] is a column of
    its name, one of [rows, k] the columns name_0, name_1 …, a larger one a tensor. Missing numbers are NaN to an input
    of floats; where another input lacks a value, or an output is NaN, the row is answered with missing.

    Args:
        content: The bytes of an `.onnx` file, or its path.
        outputs: Which outputs are answered, by default all.

    Raises:
        DefinitionError: there is no such file.
    """

    takes = frozenset({"float64", "int64", "bool", "string", "tensor"})
    # Matrix products in single floats round by the number of rows.
    tolerance = 1e-4

    def __init__(self, content: bytes | str | Path, outputs: Sequence[str] | None = None) -> None:
        try:
            self._content = content if isinstance(content, bytes) else Path(content).read_bytes()
        except OSError as error:
            raise DefinitionError(f"the model cannot be read: {error}.", cure="Give its path.") from error
        self._chosen = None if outputs is None else tuple(outputs)
        self._session: Any = None
        self._schema: dict[str, pl.DataType] = {}

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn nothing but which columns the graph answers."""
        self._schema = {}
        made = self.transform(frame)
        self._schema = dict(made.schema)

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row.

        Raises:
            SchemaError: columns that the graph does not read.
            DataError: the graph cannot be run, or answers another number of rows.
        """
        taken = np.ones(frame.height, dtype=bool)
        fed = {port.name: _fed(port, columns, taken) for port, columns in self._columns(frame)}
        if not taken.any() and self._schema:
            return pl.DataFrame(
                [pl.Series(n, [None] * frame.height, dtype=dtype) for n, dtype in self._schema.items()]
            )
        rows = {name: values[taken] for name, values in fed.items()}
        made = self._run(rows, int(taken.sum()))
        if not taken.all():
            places = np.where(taken, np.cumsum(taken) - 1, -1)
            made = made.select(pl.all().gather(pl.Series(places).replace(-1, None)))
        return made

    def _run(self, rows: Mapping[str, _Array], count: int) -> pl.DataFrame:
        session = self._loaded()
        names = [each.name for each in session.get_outputs()]
        chosen = list(self._chosen or names)
        if not set(chosen) <= set(names):
            raise DefinitionError(f"the graph answers {quoted(names)}, not {quoted(chosen)}.")
        try:
            answered = session.run(chosen, dict(rows))
        except Exception as error:  # ONNX Runtime has a class of errors for each kind, under no common name.
            raise DataError(
                f"ONNX Runtime says: {str(error)[:500]}", cure="See the graph's inputs."
            ) from error
        columns = [
            each
            for name, values in zip(chosen, answered, strict=True)
            for each in _named(name, values, count)
        ]
        return pl.DataFrame(columns)

    def _columns(self, frame: pl.DataFrame) -> list[tuple[Port, pl.DataFrame]]:
        ports = self._ports()
        flat = ports[0].shape[0] if len(ports) == 1 and len(ports[0].shape) == 1 else 0
        if len(ports) == 1 and len(ports[0].shape) == 1 and ports[0].name not in frame.columns:
            if flat is not None and flat != frame.width:
                raise SchemaError(f"the graph reads {flat} columns, and is given {frame.width}.")
            return [(ports[0], frame)]
        lacking = [port.name for port in ports if port.name not in frame.columns]
        if lacking or len(ports) != frame.width:
            raise SchemaError(
                f"the graph reads {quoted(port.name for port in ports)}, and is given {quoted(frame.columns)}.",
                cure="Give it columns of its inputs' names.",
            )
        return [(port, frame.select(port.name)) for port in ports]

    def _ports(self) -> list[Port]:
        ports = []
        for each in self._loaded().get_inputs():
            if each.type not in _TYPES or not each.shape:
                raise SchemaError(f"the graph's input {each.name!r} is {each.type} of {each.shape}.")
            shape = tuple(length if isinstance(length, int) else None for length in each.shape[1:])
            ports.append(Port(each.name, _TYPES[each.type], shape))
        return ports

    def _loaded(self) -> Any:
        if self._session is None:
            runtime = import_extra("onnxruntime", "ONNX Runtime", "onnx")
            options = runtime.SessionOptions()
            # A request is small, and a gateway answers many beside each other.
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3
            try:
                self._session = runtime.InferenceSession(
                    self._content, options, providers=["CPUExecutionProvider"]
                )
            except Exception as error:  # As above.
                raise ArtifactError(
                    f"the bytes are no graph that ONNX Runtime runs: {str(error)[:500]}",
                    cure="Export it again.",
                ) from error
        return self._session

    def clone(self) -> Self:
        """Return an unfitted step of the same graph."""
        return type(self)(self._content, self._chosen)

    def params(self) -> dict[str, Any]:
        """Return the hash of the graph, and which outputs are answered."""
        chosen = None if self._chosen is None else list(self._chosen)
        return {"sha256": hashlib.sha256(self._content).hexdigest(), "outputs": chosen}

    def state(self) -> State:
        """The graph's bytes, and what it answers."""
        words = {name: word_of(dtype) for name, dtype in self._schema.items()}
        return {"model.onnx": self._content, "answers.json": json.dumps(words).encode()}

    @classmethod
    def from_state(cls, params: Mapping[str, Any], state: State) -> Self:
        """Build the step.

        Raises:
            ValueError: the graph is another one than the parameters name.
        """
        content, answers = state["model.onnx"], state["answers.json"]
        assert isinstance(content, bytes)
        assert isinstance(answers, bytes)
        step = cls(content, params["outputs"])
        if step.params()["sha256"] != params["sha256"]:
            raise ValueError("the graph is another one than its hash says")
        step._schema = {str(name): polars_type(word) for name, word in json.loads(answers).items()}
        return step


def _fed(port: Port, frame: pl.DataFrame, taken: _Array) -> _Array:
    """Return columns as an input takes them; rows that lack what it must have are struck out of `taken`."""
    floats = np.issubdtype(port.dtype, np.floating)
    parts = []
    for series in frame:
        if not floats:
            taken &= series.is_not_null().to_numpy()
        if isinstance(series.dtype, pl.Array):
            shape = series.dtype.shape
            taken &= series.is_not_null().to_numpy()
            flat = series.reshape((-1,)).fill_null(0).to_numpy() if series.len() else np.empty(0)
            parts.append(flat.astype(port.dtype).reshape(series.len(), *shape))
        elif port.dtype is np.object_:
            parts.append(series.cast(pl.String).fill_null("").to_numpy().astype(object))
        else:
            filled = (
                series.cast(pl.Float64).fill_null(float("nan"))
                if floats
                else series.cast(pl.Int64).fill_null(0)
            )
            with np.errstate(over="ignore"):
                parts.append(filled.to_numpy().astype(port.dtype))
    whole = parts[0] if len(parts) == 1 else np.column_stack(parts)
    return whole.reshape(len(whole), -1) if len(port.shape) == 1 and whole.ndim == 1 else whole


def _named(name: str, values: Any, rows: int) -> list[pl.Series]:
    if not isinstance(values, np.ndarray) or values.shape[:1] != (rows,):
        seen = values.shape if isinstance(values, np.ndarray) else type(values).__name__
        raise DataError(
            f"the graph's output {name!r} is {seen} for {rows} rows.",
            cure="Export it with the rows first, and classifiers with zipmap=False.",
        )
    flat = values.reshape(rows, -1) if values.ndim <= 2 else values
    if flat.ndim == 2 and flat.shape[1] <= MOST_COLUMNS:
        named = [name] if flat.shape[1] == 1 else [f"{name}_{at}" for at in range(flat.shape[1])]
        return [_series(each, flat[:, at]) for at, each in enumerate(named)]
    return [pl.Series(name, flat.astype(np.float32), dtype=pl.Array(pl.Float32, flat.shape[1:]))]


def _series(name: str, values: _Array) -> pl.Series:
    if values.dtype == object:
        return pl.Series(name, values.tolist(), dtype=pl.String)
    if values.dtype == bool:
        return pl.Series(name, values)
    whole = np.issubdtype(values.dtype, np.integer)
    return pl.Series(name, values.astype(np.int64 if whole else np.float64)).fill_nan(None)
