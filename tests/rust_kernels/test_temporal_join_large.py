"""The temporal join where small random tables do not reach: many spans, many buckets, hot keys, wide times.

The oracle is not our algorithm: per key, NumPy slices the events that a row may see and aggregates each slice.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from aggregation_specs import spec, specs
from bighead_kernels import temporal_join

HOUR = 3_600_000_000
WINDOWS = [("sawtooth", 40 * HOUR, HOUR), ("sliding", 7 * HOUR, 0), ("unbounded", 0, 0)]
OPERATIONS = ["count", "sum", "average", "min", "max", "first", "last"]
COLLECTING = ["median", "unique_count", "mode", "last_k", "top_k", "bottom_k", "lag", "variance"]
AGGREGATIONS = [
    (f"{c}_{o}_{w[0]}", c, o, w[0], w[1], w[2]) for c in ("i", "f") for o in OPERATIONS for w in WINDOWS
] + [(f"{c}_{o}_{w[0]}", c, o, w[0], w[1], w[2]) for c in ("i", "f") for o in COLLECTING for w in WINDOWS]


def table(events: int, keys: int, span: int, lateness: int, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    at = random.integers(-span, span, events)
    frame = pl.DataFrame(
        {
            "k": (keys * random.random(events) ** 4).astype("int64"),
            "et": at,
            "av": at + random.integers(0, lateness + 1, events),
            "id": random.permutation(events),
            "i": random.integers(-(2**40), 2**40, events),
            "f": random.normal(size=events),
        }
    )
    gaps = pl.col("id") % 11 != 0
    return frame.with_columns(i=pl.when(gaps).then("i"), f=pl.when(pl.col("id") % 13 != 0).then("f"))


def questions(rows: int, keys: int, span: int) -> pl.DataFrame:
    random = np.random.default_rng(rows)
    return pl.DataFrame(
        {"k": random.integers(-3, keys + 3, rows), "t": random.integers(-span, span + 9 * HOUR, rows)}
    )


def answer(mine: dict[str, np.ndarray[Any, Any]], t: int, aggregation: tuple[Any, ...]) -> Any:
    _, column, operation, kind, length, hop = aggregation
    start = -(2**62) if kind == "unbounded" else (t - length) // (hop or 1) * (hop or 1)
    low = int(np.searchsorted(mine["et"], start))
    inside = mine["av"][low:] < t
    values = mine[column][low:][inside]
    values = values[~np.isnan(values)] if column == "f" else values[mine["there"][low:][inside]]
    if operation == "count":
        return len(values)
    if not len(values):
        return 0 if operation == "unique_count" else None
    if operation in COLLECTING:
        return collected(values, operation)
    whole = values.tolist()
    add = math.fsum if column == "f" else sum
    results = {"sum": lambda: add(whole), "average": lambda: add(whole) / len(whole), "min": lambda: min(whole),
               "max": lambda: max(whole), "first": lambda: whole[0], "last": lambda: whole[-1]}  # fmt: skip
    return results[operation]()


def collected(values: np.ndarray[Any, Any], operation: str) -> Any:
    found, counts = np.unique(values, return_counts=True)
    results = {"median": lambda: float(np.median(values)), "unique_count": lambda: len(found),
               "mode": lambda: found[np.argmax(counts)], "last_k": lambda: values[::-1][:3].tolist(),
               "top_k": lambda: np.sort(values)[::-1][:3].tolist(), "bottom_k": lambda: np.sort(values)[:3].tolist(),
               "lag": lambda: values[-4] if len(values) > 3 else None,
               "variance": lambda: float(np.var(values))}  # fmt: skip
    return results[operation]()


def by_key(events: pl.DataFrame) -> dict[int, dict[str, np.ndarray[Any, Any]]]:
    found = {}
    for (key,), part in events.sort("et", "av", "id").group_by("k", maintain_order=True):
        found[int(key)] = {
            "et": part["et"].to_numpy(), "av": part["av"].to_numpy(), "f": part["f"].fill_null(np.nan).to_numpy(),
            "i": part["i"].fill_null(0).to_numpy(), "there": part["i"].is_not_null().to_numpy(),
        }  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("events", "keys", "span", "lateness"),
    [
        (300_000, 5_000, 200 * HOUR, 0),
        (300_000, 5_000, 200 * HOUR, 30 * HOUR),
        (150_000, 1, 400 * HOUR, 0),
        (150_000, 1, 400 * HOUR, 100 * HOUR),
        # So wide that a time and a place do not fit one sort word together.
        (50_000, 3, 2**60, 0),
    ],
    ids=["many buckets", "many buckets, late", "one hot key", "one hot key, late", "wide times"],
)
def test_large_tables_equal_slices(events, keys, span, lateness):
    happened, asked = table(events, keys, span, lateness, events + keys), questions(140_000, keys, span)
    chunked = pl.concat([happened[:70_001], happened[70_001:70_002], happened[70_002:]], rechunk=False)
    result, report = temporal_join(
        chunked, asked, keys=["k"], event_time="et", available_at="av" if lateness else None, timestamp="t",
        tie_break=["id"], aggregations=[spec(*each, k=3) for each in AGGREGATIONS],
    )  # fmt: skip
    got, mine = pl.DataFrame(result), by_key(happened)
    assert got.height == asked.height
    assert report["overflow"] == {}
    nobody = {name: np.zeros(0, dtype="int64") for name in ("et", "av", "i", "f")} | {
        "there": np.zeros(0, bool)
    }
    step = asked.height // 150
    for row in range(0, asked.height, step):
        key, t = asked.row(row)
        own = mine.get(key, nobody)
        for aggregation, seen in zip(AGGREGATIONS, got.row(row), strict=True):
            expected = answer(own, t, aggregation)
            if expected is not None and (aggregation[2] == "average" or aggregation[1:3] == ("f", "sum")):
                bound = 4 * 2.0**-52 * len(own["et"]) * float(np.nansum(np.abs(own[aggregation[1]])))
                assert abs(seen - expected) <= bound, (aggregation, row)
            elif expected is not None and aggregation[2] in ("variance", "median"):
                assert seen == pytest.approx(expected, rel=1e-9, abs=1e-12), (aggregation, row)
            else:
                assert seen == expected, (aggregation, row)


def test_more_than_64_outputs_keep_their_nulls_apart():
    happened = pl.DataFrame({"k": [1, 1, 2], "et": [0, 10, 5], "x": [1, 2, 3]})
    asked = pl.DataFrame({"k": [1, 2, 1, None], "t": [11, 11, 1, 11]})
    spans = range(1, 131)
    wanted = [(f"last_{n}", "x", "last", "sliding", n, 0) for n in spans]
    result, _ = temporal_join(
        happened, asked, keys=["k"], event_time="et", available_at=None, timestamp="t", tie_break=[],
        aggregations=specs(wanted),
    )  # fmt: skip
    got = pl.DataFrame(result).rows()
    assert got[0] == (2,) * 130
    assert got[1] == tuple(None if n < 6 else 3 for n in spans)
    assert got[2] == (1,) * 130
    assert got[3] == (None,) * 130
