"""Feast: plain values, computed before, looked up by `get_online_features`; SQLite, or Redis at a port.

Arguments: a folder, users, requests, and a port for Redis or 0 for SQLite. Feast aggregates nothing at request time:
what it looks up here are fifteen stored numbers of each user.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feast
import numpy as np
import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64

NAMES = [f"amount_{number}" for number in range(15)]


def config(folder: Path, port: int) -> RepoConfig:
    """Return a store's settings, with the caches of its registry kept for the whole run."""
    online = {"type": "sqlite", "path": str(folder / "online.db")}
    if port:
        online = {"type": "redis", "connection_string": f"127.0.0.1:{port}"}
    return RepoConfig(
        project="bench", provider="local", entity_key_serialization_version=3, online_store=online,
        registry={"registry_type": "file", "path": str(folder / "registry.db"), "cache_ttl_seconds": 3600},
        offline_store={"type": "file"},
    )  # fmt: skip


def store_of(folder: Path, users: int, port: int) -> FeatureStore:
    """Return a store that holds fifteen numbers of each user."""
    now, random = datetime.now(UTC), np.random.default_rng(7)
    values = pd.DataFrame(random.gamma(2, 50, (users, len(NAMES))), columns=NAMES)
    frame = values.assign(user=np.arange(users), at=now)
    frame.to_parquet(folder / "values.parquet")
    source = FileSource(path=str(folder / "values.parquet"), timestamp_field="at")
    user = Entity(name="user", join_keys=["user"], value_type=ValueType.INT64)
    fields = [Field(name=name, dtype=Float64) for name in NAMES]
    view = FeatureView(
        name="payments", entities=[user], ttl=timedelta(days=365), schema=fields, source=source
    )
    store = FeatureStore(config=config(folder, port))
    store.apply([user, view])
    store.write_to_online_store("payments", df=frame)
    return store


def timed(store: FeatureStore, asked: list[list[dict[str, int]]]) -> dict[str, float]:
    """Return p50 and p99 of the requests, in µs; none may lack a value."""
    features, taken = [f"payments:{name}" for name in NAMES], []
    for place, rows in enumerate(asked):
        started = time.perf_counter()
        found = store.get_online_features(features=features, entity_rows=rows).to_dict()
        if place >= 20:
            taken.append((time.perf_counter() - started) * 1e6)
        if None in found["amount_7"]:
            sys.exit("Feast found no value of a user")
    p50, p99 = np.percentile(taken, [50, 99])
    return {"p50": round(float(p50), 1), "p99": round(float(p99), 1)}


folder, users, requests, port = Path(sys.argv[1]), *map(int, sys.argv[2:])
store, random = store_of(folder, users, port), np.random.default_rng(11)
measured = {}
for keys, count in ((1, requests), (100, max(requests // 10, 50))):
    drawn = random.integers(0, users, (20 + count, keys)).tolist()
    measured[f"{keys}x15"] = timed(store, [[{"user": user} for user in rows] for rows in drawn])
print(json.dumps({"us": measured, "version": feast.__version__}))
