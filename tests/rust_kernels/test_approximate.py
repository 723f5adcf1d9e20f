"""What approximates: within its stated error on many values, whole blocks of events and late arrivals included."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest
from aggregation_specs import spec
from bighead_kernels import temporal_join

EVENTS, SPAN, K = 20_000, 1_000_000, 5
WINDOWS = {"unbounded": ("unbounded", 0, 0), "long": ("sliding", 400_000, 0), "short": ("sliding", 60_000, 0)}
QUANTILES = [0.0, 0.1, 0.5, 0.99]


def world(lateness: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    random = np.random.default_rng(lateness)
    at = np.sort(random.integers(-SPAN // 2, SPAN // 2, EVENTS))
    value = np.where(random.random(EVENTS) < 0.3, 7, random.zipf(1.2, EVENTS) % 100_000)
    events = pl.DataFrame({"k": 1, "et": at, "av": at + random.integers(0, lateness + 1, EVENTS), "x": value})
    events = events.with_columns(x=pl.when(pl.col("et") % 9 != 0).then("x"))
    events = events.with_columns(s=pl.col("x").cast(pl.String))
    return events, pl.DataFrame({"k": 1, "t": np.sort(random.integers(-SPAN // 2, SPAN, 60))})


def exact(events: pl.DataFrame, t: int, window: tuple[str, int, int]) -> list[int]:
    seen = events.filter(pl.col("av") < t, pl.col("x").is_not_null())
    return (seen if window[0] == "unbounded" else seen.filter(pl.col("et") >= t - window[1]))["x"].to_list()


def join(events: pl.DataFrame, rows: pl.DataFrame, wanted: list[Any]) -> pl.DataFrame:
    table, _ = temporal_join(
        events, rows, keys=["k"], event_time="et", available_at="av", timestamp="t", tie_break=[], aggregations=wanted,
    )  # fmt: skip
    return pl.DataFrame(table)


@pytest.mark.parametrize("lateness", [0, 50_000], ids=["in order", "late"])
@pytest.mark.parametrize("window", WINDOWS)
def test_every_answer_is_within_its_stated_error(window: str, lateness: int) -> None:
    events, rows = world(lateness)
    kind = WINDOWS[window]
    wanted = [
        spec("n", "x", "approx_unique_count", *kind),
        spec("n_text", "s", "approx_unique_count", *kind),
        spec("q", "x", "approx_percentile", *kind, quantiles=QUANTILES),
        spec("h", "x", "approx_histogram_k", *kind, k=K),
    ]
    squares = []
    for (t,), row in zip(rows.select("t").rows(), join(events, rows, wanted).rows(named=True), strict=True):
        values = sorted(exact(events, t, kind))
        if not values:
            assert row == {"n": 0, "n_text": 0, "q": None, "h": None}
            continue
        distinct, counts = len(set(values)), Counter(values)
        for name in ("n", "n_text"):
            assert abs(row[name] / distinct - 1) <= 4 * 1.04 / 64
            squares.append((row[name] / distinct - 1) ** 2)
        places = [values[int(q * (len(values) - 1))] for q in QUANTILES]
        assert row["q"] == pytest.approx(places, rel=1 / 128)
        assert len(row["h"]) == min(K, distinct)
        for entry in row["h"]:
            short = counts[int(entry["key"])] - entry["value"]
            assert 0 <= short <= len(values) / (8 * K + 1)
        assert "7" in {entry["key"] for entry in row["h"]}
    assert math.sqrt(sum(squares) / len(squares)) < 2 * 1.04 / 64


def test_a_count_of_distinct_values_depends_on_the_values_alone() -> None:
    events, rows = world(0)
    wanted = [spec(c, c, "approx_unique_count", "unbounded") for c in ("x", "s")]
    whole = join(events, rows, wanted)
    twice = join(pl.concat([events.reverse(), events]), rows, wanted)
    # Other text in the table gives texts other ranks, and the same hashes.
    other = events.with_columns(k=2, s=pl.lit("0") + pl.col("s"))
    assert whole.equals(twice)
    assert whole.equals(join(pl.concat([other, events]), rows, wanted))
