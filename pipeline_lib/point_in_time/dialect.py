"""The former place of `bighead.pipeline_lib.expressions`."""

from __future__ import annotations

from bighead.pipeline_lib.expressions import collect, derive, expression

__all__ = ["collect", "derive", "expression"]
