"""The steps that a bundle may hold, by name: what is not here is neither stored nor ever loaded."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import ArtifactError, UnsupportedStepError
from bighead.pipeline_lib.frameworks import MODELS
from bighead.pipeline_lib.pipeline.transformer import State, Transformer
from bighead.pipeline_lib.transforms import TRANSFORMS

STEPS: dict[str, type[Transformer]] = {each.__name__: each for each in (*TRANSFORMS, *MODELS)}


# What reading and taking up a state raises where the state is not what it should be.
_GARBLED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    TypeError,
    ValueError,
    NotImplementedError,
    pl.exceptions.PolarsError,
)


def stored_state(index: int, step: Transformer) -> dict[str, bytes]:
    """Return a fitted step's state as files: tables as Arrow IPC, bytes as they are.

    Raises:
        UnsupportedStepError: a step that cannot be stored without pickle; the cure names those that can.
    """
    name = type(step).__name__
    where = f"step {index}: "
    try:
        state = step.state()
    except UnsupportedStepError as error:
        raise UnsupportedStepError(where + error.message, cure=error.cure) from error
    if STEPS.get(name) is not type(step):
        raise UnsupportedStepError(
            f"{where}{name} is code of its own, which a bundle does not carry.",
            cure=f"Build it of {', '.join(STEPS)}.",
        )
    return {f"state/{index}.{_file(part, value)}": _bytes(value) for part, value in state.items()}


def _file(part: str, value: pl.DataFrame | bytes) -> str:
    """A part of bytes may have an ending of its own; XGBoost's need none said."""
    if isinstance(value, bytes):
        return part if "." in part else f"{part}.ubj"
    return f"{part}.arrow"


def _bytes(value: pl.DataFrame | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    buffer = io.BytesIO()
    # The oldest layout is read by every Arrow implementation.
    value.write_ipc(buffer, compression="uncompressed", compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def _table(content: bytes) -> pl.DataFrame:
    """Read an Arrow file that may be anybody's: Arrow's own reader looks at every offset and length it names."""
    import pyarrow as pa
    import pyarrow.ipc

    with pyarrow.ipc.open_file(pa.py_buffer(content)) as file:
        table = file.read_all()
    table.validate(full=True)
    return pl.DataFrame(table)


def restored_step(name: str, params: dict[str, Any], files: dict[str, bytes]) -> Transformer:
    """Return a fitted step from its name, parameters and state files.

    Raises:
        ArtifactError: an unknown step, or parameters or state that it cannot take up.
    """
    cls = STEPS.get(name)
    if cls is None:
        raise ArtifactError(
            f"the bundle holds an unknown step {name!r}.", cure=f"Known are {', '.join(STEPS)}."
        )
    known = (
        {field.name for field in dataclasses.fields(cls) if field.init}
        if dataclasses.is_dataclass(cls)
        else params
    )
    state: State = {}
    try:
        for file, content in files.items():
            part, _, kind = file.rpartition(".")
            if kind == "arrow":
                state[part] = _table(content)
            else:
                state[part if kind == "ubj" else file] = content
        return cls.from_state({name: value for name, value in params.items() if name in known}, state)
    except _GARBLED as error:
        raise ArtifactError(
            f"the step {name} cannot take up its state: {error}.", cure="Train again."
        ) from error
