"""The steps that a bundle may hold, by name: what is not here is neither stored nor ever loaded."""

from __future__ import annotations

from typing import Any

import polars as pl

from bighead.pipeline_lib.artifact import stored_tables
from bighead.pipeline_lib.artifact.step_params import checked_params
from bighead.pipeline_lib.errors import ArtifactError, BigheadError, MissingExtraError, UnsupportedStepError
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
    return value if isinstance(value, bytes) else stored_tables.to_bytes(value)


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
