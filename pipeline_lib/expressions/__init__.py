"""One small SQL dialect for `select`, `where` and conditions, with the same meaning on tables, streams and requests."""

from __future__ import annotations

from bighead.pipeline_lib.expressions.frames import collect, condition, derive, expression
from bighead.pipeline_lib.expressions.reading import reads
from bighead.pipeline_lib.expressions.rows import RowExpression

__all__ = ["RowExpression", "collect", "condition", "derive", "expression", "reads"]
