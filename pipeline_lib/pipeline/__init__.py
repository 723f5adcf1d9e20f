"""Step 4 of 9, fit: pipelines of named columns, fitted, described, and lowered to one native call."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.builder import Pipeline
from bighead.pipeline_lib.pipeline.transformer import Model, Transformer

__all__ = ["Model", "Pipeline", "Transformer"]
