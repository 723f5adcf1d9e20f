"""Generations of hours in every online store: what a request after the hour sees is what the sources say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bighead.assets.online import upload_last
from bighead.pipeline_lib.features import (
    Aggregation,
    ChainedSource,
    EntitySource,
    EventSource,
    FeatureSet,
)
from bighead.pipeline_lib.features.batch_grain import HOURLY
from bighead.pipeline_lib.point_in_time import SourceRows, backfill, values_at
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.sources import Warehouse

START, HOUR = datetime(2024, 1, 1, tzinfo=UTC), timedelta(hours=1)
HOURS = HOURLY.between(START, START + 30 * HOUR)
CLICKS = FeatureSet(
    name="clicks",
    owner="t",
    keys=["user"],
    source=EventSource("clicks", "ts", event_id="id", start_date="2024-01-01"),
    aggregations=[Aggregation("n", "sum", ["3h"]), Aggregation("n", "last_k", ["1d"], k=3)],
    batch="1h",
)
PRICES = FeatureSet(
    name="prices",
    owner="t",
    keys=["user"],
    source=EntitySource("prices", snapshot="hour", every="1h", landing="5m"),
    columns=["price"],
    batch="1h",
)
CARRIED = FeatureSet(
    name="carried",
    owner="t",
    keys=["user"],
    source=ChainedSource(CLICKS.source, [CLICKS.on(prefix="own"), PRICES]),
    aggregations=[
        Aggregation("own_clicks_n_sum_3h", "max", ["12h"]),
        Aggregation("prices_price", "last", ["12h"]),
    ],
    batch="1h",
)


@pytest.mark.parametrize("made", [CLICKS, PRICES, CARRIED], ids=lambda each: each.name)
def test_a_generation_of_an_hour_answers_as_the_sources_do(made, kept_store, tmp_path):
    times = [START + timedelta(minutes=13 * n) for n in range(140)]
    clicks = pl.DataFrame({"id": range(140), "user": list("ab") * 70, "ts": times, "n": range(140)})
    clicks.write_parquet(tmp_path / "clicks.parquet")
    facts = [{"hour": START + n * HOUR, "user": user, "price": n} for n in range(30) for user in "ab"]
    pl.DataFrame(facts).write_parquet(tmp_path / "prices.parquet")
    tables, offline = Warehouse(tmp_path), DeltaOfflineStore(tmp_path / "offline")
    for each in (CLICKS, PRICES, CARRIED)[: 3 if made is CARRIED else 2]:
        backfill(each, HOURS, tables, offline)
    last = [HOURLY.key(hour) for hour in HOURS[20:24]]
    told = upload_last(made, last, offline, kept_store, tables)
    assert [key for key, each in told.items() if "superseded_by" not in each] == last[-2:]
    for hour in HOURS[22:24]:
        end = HOURLY.end(hour)
        # The snapshot that landed within the next five minutes waits for the next hour.
        at = end if made is PRICES else end + timedelta(microseconds=1)
        fetched = kept_store.fetch(made, [["a"], ["b"], ["nobody"]], microseconds(at))
        asked = pl.DataFrame({"user": ["a", "b", "nobody"], "t": [at] * 3})
        rows = SourceRows(tables).rows(made, None, at)
        truth, seen = (values_at(asked, made.on(), each, "t")[0] for each in (rows, fetched.frame))
        assert_frame_equal(seen, truth, rel_tol=1e-12)
        assert truth[truth.columns[-1]].null_count() == 1, "of nobody"
