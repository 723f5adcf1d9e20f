"""Joins by Spark over files in a folder of the test, and their comparison with those in memory."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import polars as pl

from bighead.pipeline_lib.monitoring.tolerance import agrees, equal
from bighead.pipeline_lib.point_in_time import trace
from bighead.pipeline_lib.point_in_time.partition_join import NUMBER
from bighead.pipeline_lib.point_in_time.trace import values_within
from bighead.resources.spark_inputs import FileInput
from bighead.resources.spark_join import SparkJoin

ROOM, SOME = 1 << 30, 1 << 14


class Joiner:
    """Joins by Spark over files in a folder of the test."""

    def __init__(self, session, folder: Path) -> None:
        self.session, self.folder = session, folder

    def files(self, name: str, frame: pl.DataFrame, row_groups: int = 0) -> FileInput:
        frame.write_parquet(self.folder / f"{name}.parquet", row_group_size=row_groups or None)
        return FileInput.of(self.session, [str(self.folder / f"{name}.parquet")])

    def join(self, left, refs, rows, memory=ROOM, least_part=SOME) -> SparkJoin:
        numbered = left.with_row_index(NUMBER).with_columns(pl.col(NUMBER).cast(pl.Int64))
        given = {name: self.files(name, each) for name, each in rows.items()}
        return SparkJoin(
            self.files("left", numbered), left.height, "t", refs, given, memory, least_part=least_part
        )

    def joined(self, left, refs, rows, columns=(), **how):
        """What is written, and the reports."""
        target = self.folder / uuid4().hex
        reports = self.join(left, refs, rows, **how).write(target, columns)
        return pl.read_parquet(target / "*.parquet"), reports


def compare(ref, found, values, left, rows) -> None:
    """Equal bit for bit, or by the exactness class of the operation given the rows that made the value."""
    for feature in ref.features:
        name = ref.output(feature)
        for place, pair in enumerate(zip(found[name], values[name], strict=True)):
            one, other = (each.to_list() if isinstance(each, pl.Series) else each for each in pair)
            if not equal(one, other):
                asked = left.row(place, named=True)
                made = trace(ref.set, feature.name, {"k": asked["k"]}, asked["t"], rows)
                assert agrees(feature, one, other, values_within(feature, made)), feature.what
