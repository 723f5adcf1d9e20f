"""Transforms that any program calculates, in any language: tables go in and out as Arrow IPC."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.processes.arrow_process import ArrowProcess

TRANSFORMS: tuple[type[Transformer], ...] = (ArrowProcess,)

__all__ = ["TRANSFORMS", "ArrowProcess"]
