"""What Spark forks its Python workers from: `pyspark.daemon` with all loaded that they need, once for all of them.

A worker that starts without takes seconds to import it, in each of an executor's cores. Nothing here may start a
thread: a fork has none of them.
"""

from __future__ import annotations

# Not used here: pyarrow looks for pandas when it first makes an array.
import pandas  # type: ignore[import-untyped]  # noqa: F401
import pyarrow  # noqa: F401
from pyspark.daemon import manager

from bighead.resources import spark_cleaning, spark_join  # noqa: F401

if __name__ == "__main__":
    manager()
