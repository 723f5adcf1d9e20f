"""Three weeks of made-up purchases, profiles and visits; who buys often is told by the visits before."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

START, DAYS, SHOPPERS = datetime(2024, 1, 1), 21, 60


def prepare(warehouse: Path) -> dict[str, int]:
    """Write the tables into the warehouse and return their rows."""
    warehouse.mkdir(parents=True, exist_ok=True)
    tables = {"purchases": purchases(), "profiles": profiles(), "visits": visits()}
    for name, frame in tables.items():
        frame.write_parquet(warehouse / f"{name}.parquet")
    return {name: frame.height for name, frame in tables.items()}


def keenness() -> np.ndarray:
    return np.random.default_rng(0).beta(0.6, 1.2, SHOPPERS)


def purchases(rows: int = 1800) -> pl.DataFrame:
    random = np.random.default_rng(1)
    shopper = random.choice(SHOPPERS, rows, p=keenness() / keenness().sum())
    times = moments(np.sort(random.integers(0, DAYS * 86_400, rows)))
    late = [
        time + timedelta(minutes=int(m)) for time, m in zip(times, random.integers(0, 90, rows), strict=True)
    ]
    return utc(
        pl.DataFrame(
            {
                "id": [f"p{n}" for n in range(rows)],
                "shopper": [f"s{each}" for each in shopper],
                "bought_at": times,
                "arrived_at": late,
                "price": random.gamma(2.0, 20.0, rows).round(2),
            }
        )
    )


def profiles() -> pl.DataFrame:
    days = [(START + timedelta(days=day - 1)).date() for day in range(DAYS + 1)]
    rows = [(f"s{n}", day, n % 3, 20 + n) for day in days for n in range(SHOPPERS)]
    return pl.DataFrame(rows, schema=["shopper", "ds", "tier", "age"], orient="row")


def visits(rows: int = 2000) -> pl.DataFrame:
    random = np.random.default_rng(2)
    shopper = random.integers(0, SHOPPERS, rows)
    chance = 0.05 + 0.9 * keenness()[shopper]
    return utc(
        pl.DataFrame(
            {
                "id": [f"v{n}" for n in range(rows)],
                "shopper": [f"s{each}" for each in shopper],
                "asked_at": moments(np.sort(random.integers(0, DAYS * 86_400, rows))),
                "device": random.choice(["phone", "laptop", "tablet"], rows),
                "buys": (random.random(rows) < chance).astype(int),
            }
        )
    )


def moments(seconds: np.ndarray) -> list[datetime]:
    return [START + timedelta(seconds=int(each)) for each in seconds]


def utc(frame: pl.DataFrame) -> pl.DataFrame:
    zoned = pl.selectors.datetime().dt.replace_time_zone("UTC")
    return frame.with_columns(zoned)
