"""A connection to Redis that refuses servers which throw keys away, and tells what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bighead.pipeline_lib.errors import MissingExtraError, StoreError

if TYPE_CHECKING:
    from redis import Redis

_PATIENCE_SECONDS = 5.0
_SENT_AT_ONCE = 500


class RedisConnection:
    """One server at `url` (redis://host:port/number); threads may share it.

    Args:
        url: Where it is; `rediss://` for TLS, `unix://` for a socket.
        prefix: Stands before every key, so that several installations may share a server.

    Raises:
        MissingExtraError: the client is not installed.
        StoreError: nobody answers, or the server drops keys when its memory is full.
    """

    def __init__(self, url: str, prefix: str) -> None:
        try:
            import redis
        except ImportError as error:
            raise MissingExtraError("the Redis client", "redis") from error
        self.prefix, self._error = prefix.encode(), redis.exceptions.RedisError
        self._refused = redis.exceptions.ResponseError
        self.client: Redis = redis.Redis.from_url(
            url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS
        )
        self._scripts: dict[str, Callable[..., Any]] = {}
        self._where = url.rsplit("@", 1)[-1]
        self._check_eviction()

    def run(self, script: str, *arguments: bytes | str | int) -> Any:
        """Run a script of `redis_scripts` in one step.

        Raises:
            StoreError: the server did not answer or refused.
        """
        found = self._scripts.get(script)
        if found is None:
            found = self._scripts[script] = self.client.register_script(script)
        with self.told():
            return found(args=[self.prefix, *arguments])

    def put(self, key: bytes, fields: dict[bytes, bytes], expires_seconds: int) -> None:
        """Write a hash in pieces; it goes away by itself unless it is made to stay.

        Raises:
            StoreError: the server did not answer or refused.
        """
        names = list(fields)
        with self.told():
            for start in range(0, len(names), _SENT_AT_ONCE):
                piece = {name: fields[name] for name in names[start : start + _SENT_AT_ONCE]}
                pipeline = self.client.pipeline(transaction=True)
                pipeline.hset(key, mapping=piece)  # type: ignore[arg-type]
                pipeline.expire(key, expires_seconds)
                pipeline.execute()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Tell failures of the server as a store's.

        Raises:
            StoreError: the server did not answer or refused.
        """
        try:
            yield
        except self._error as error:
            raise StoreError(
                f"Redis at {self._where} failed: {str(error)[:200]}.",
                cure="Start it, or look at BIGHEAD_REDIS. What it held is rebuilt from the logs and uploads.",
            ) from error

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _check_eviction(self) -> None:
        with self.told():
            self.client.ping()
            try:
                policy = str(_text(self.client.config_get("maxmemory-policy")))
            except self._refused:
                # A managed server may forbid the question; its operator answers for the policy.
                return
        if policy != "noeviction":
            self.close()
            raise StoreError(
                f"Redis at {self._where} drops keys when its memory is full: maxmemory-policy is {policy}.",
                cure="A missing key would be a wrong feature. Set: maxmemory-policy noeviction",
            )


def _text(answer: Any) -> str:
    value = next(iter(answer.values()), b"noeviction")
    return value.decode() if isinstance(value, bytes) else str(value)
