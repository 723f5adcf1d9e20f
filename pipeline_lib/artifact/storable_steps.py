"""A fitted step as files of a bundle, and back."""

from __future__ import annotations

from typing import Any

import polars as pl

from bighead.pipeline_lib.artifact import stored_tables
from bighead.pipeline_lib.artifact.step_names import STEPS, class_of, step_name
from bighead.pipeline_lib.artifact.step_params import checked_params
from bighead.pipeline_lib.errors import ArtifactError, BigheadError, MissingExtraError, UnsupportedStepError
from bighead.pipeline_lib.pipeline.transformer import State, Transformer

__all__ = ["STEPS", "restored_step", "stored_state"]

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
    try:
        state = step.state()
        step_name(step)
    except UnsupportedStepError as error:
        raise UnsupportedStepError(f"step {index}: {error.message}", cure=error.cure) from error
    return {f"state/{index}.{_file(part, value)}": _bytes(value) for part, value in state.items()}


def _file(part: str, value: pl.DataFrame | bytes) -> str:
    """A part of bytes may have an ending of its own; XGBoost's need none said."""
    if isinstance(value, bytes):
        return part if "." in part else f"{part}.ubj"
    return f"{part}.arrow"


def _bytes(value: pl.DataFrame | bytes) -> bytes:
    return value if isinstance(value, bytes) else stored_tables.to_bytes(value)


def restored_step(name: str, params: dict[str, Any], files: dict[str, bytes]) -> Transformer:
    """Return a fitted step from its name, parameters and state files.

    Raises:
        ArtifactError: an unknown step, or parameters or state that it cannot take up.
    """
    cls = class_of(name)
    state: State = {}
    try:
        for file, content in files.items():
            part, _, kind = file.rpartition(".")
            if kind == "arrow":
                state[part] = stored_tables.to_table(content)
            else:
                state[part if kind == "ubj" else file] = content
        return cls.from_state(checked_params(cls, params), state)
    except (ArtifactError, MissingExtraError):
        raise
    except (BigheadError, *_GARBLED) as error:
        raise ArtifactError(
            f"the step {name} cannot take up its state: {error}.", cure="Train again."
        ) from error
