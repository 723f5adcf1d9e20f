"""One small SQL dialect for `select`, `where` and conditions, with the same meaning on tables, streams and requests."""

from __future__ import annotations

from bighead.pipeline_lib.expressions.frames import collect, derive, expression, reads
from bighead.pipeline_lib.expressions.per_row import per_row

__all__ = ["collect", "derive", "expression", "per_row", "reads"]
