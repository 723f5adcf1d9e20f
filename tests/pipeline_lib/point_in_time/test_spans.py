"""What is read for a span of days: all of its rows, and little around them, whatever type the times have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import clean
from bighead.pipeline_lib.point_in_time.spans import rows_near

T0 = datetime(2013, 3, 1, tzinfo=UTC)
STAYS = FeatureSet(
    name="stays",
    owner="t",
    keys=["home"],
    source=EventSource(table="stays", event_time="ts", event_id="id", timezone="Pacific/Auckland"),
    aggregations=[Aggregation("nights", "sum", ["1d"])],
)


class Tables(dict[str, pl.DataFrame]):
    """Tables in memory."""

    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return table


def stays() -> pl.DataFrame:
    times = [T0 + timedelta(days=n // 3, hours=11 * (n % 3)) for n in range(60)]
    zoned = pl.Series(times, dtype=pl.Datetime("us", "UTC"))
    return pl.DataFrame({"id": [*range(60)], "home": ["a", "b"] * 30, "ts": zoned, "nights": [1] * 60})


@pytest.mark.parametrize(
    "kind",
    [pl.Datetime("us", "UTC"), pl.Datetime("ns", "America/New_York"), pl.Datetime("ms"), pl.Date],
    ids=str,
)
@pytest.mark.parametrize("first", [0, 6, 19])
def test_a_span_is_read_with_little_around_it_and_none_of_it_lacks(kind, first):
    rows = stays().with_columns(pl.col("ts").cast(kind))
    start, end = T0 + timedelta(days=first), T0 + timedelta(days=first + 1)
    near = rows_near(STAYS, Tables(stays=rows), start, end)
    assert clean(near, STAYS, start, end).equals(clean(rows, STAYS, start, end))
    assert near.collect().height <= 3 * 9
