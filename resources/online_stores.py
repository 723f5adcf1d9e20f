"""The twins of the online store: LMDB under a folder, or Redis at a URL."""

from __future__ import annotations

from pathlib import Path

from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_store import OnlineStore


def open_online_store(folder: Path, redis: str = "", redis_prefix: str = "bighead:") -> OnlineStore:
    """Return the store in Redis where a URL is given, else the one under `folder`; the caller closes it.

    Raises:
        MissingExtraError: the Redis client is not installed.
        StoreError: the store cannot be opened.
    """
    if not redis:
        return LmdbOnlineStore(folder)
    from bighead.resources.redis_online_store import RedisOnlineStore

    return RedisOnlineStore(redis, redis_prefix)
