"""What may join in the place of this process: a cluster, say."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.point_in_time.join import JoinReport
from bighead.pipeline_lib.point_in_time.reading import RowReader


class JoinEngine(Protocol):
    """Joins the features of several uses onto left rows, with the results of `values_at`."""

    def joined(
        self,
        left: pl.DataFrame,
        refs: Sequence[FeatureRef],
        reader: RowReader,
        timestamp: str,
        columns: Sequence[str],
    ) -> AbstractContextManager[tuple[pl.LazyFrame, list[JoinReport]]]:
        """Yield the left `columns` and every use's features, in the order of the left rows; and their reports.

        Raises:
            SchemaError: a key column lacks or cannot be compared.
            EventTimeError: a question's time is null or naive.
            StoreError: the engine cannot be reached.
        """
        ...
