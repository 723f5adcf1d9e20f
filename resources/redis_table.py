"""The rows that a Redis keeps under a prefix, a key each: hashes, or JSON objects as text; read only, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from bighead.pipeline_lib.errors import (
    DefinitionError,
    MissingExtraError,
    SchemaError,
    StoreError,
    UnknownNameError,
)
from bighead.resources.redis_values import TYPES, from_hash, from_json

if TYPE_CHECKING:
    from redis import Redis

FORMATS = ("hash", "json")
FIELDS = ("type", "url", "prefix", "format", "key", "columns")
BATCH = 1_000
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class RedisTable:
    """Keys of one server that begin with `prefix`; what comes after it is the row's `key`.

    Args:
        url: redis://host:port/number, `rediss://` for TLS, `unix://` for a socket.
        prefix: What every key of the table begins with, as `user:`.
        columns: `{field: type}`, of string, integer, float, boolean, date, timestamp (ISO, with its offset) or bytes. A
            field that a row lacks is null.
        format: `hash`, or `json` for text that holds an object.
        key: Column of what comes after the prefix: a string, unless `columns` says otherwise.

    Raises:
        DefinitionError: no prefix, or no column.
        UnknownNameError: a type or format that there is not.
    """

    url: str
    prefix: str
    columns: Mapping[str, str] = field(hash=False)
    format: str = "hash"
    key: str = "key"

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", {self.key: "string", **self.columns})
        if not self.prefix or len(self.columns) < 2:
            raise DefinitionError(
                f"a table of Redis has the prefix {self.prefix!r} and the columns {list(self.columns)}.",
                cure="Say what its keys begin with, and the type of each field: columns: {tier: integer}.",
            )
        if self.format not in FORMATS:
            raise UnknownNameError("format of a table of Redis", self.format, FORMATS)
        for dtype in self.columns.values():
            if dtype not in TYPES:
                raise UnknownNameError("type of a column of Redis", str(dtype), TYPES)
        if self.format == "json" and "bytes" in self.columns.values():
            raise DefinitionError("JSON holds no bytes.", cure="Declare the column as a string.")

    @property
    def schema(self) -> pl.Schema:
        """The key, then the columns, with their types."""
        return pl.Schema({name: TYPES[dtype] for name, dtype in self.columns.items()})

    def read(self, size: int = BATCH) -> Iterator[pl.DataFrame]:
        """Yield the rows, about `size` at a time, each key once; what changes meanwhile is read before or after it did.

        Raises:
            StoreError: the server cannot be reached.
            SchemaError: a key holds something else than `format` says, or a field something else than its type.
            MissingExtraError: the client is not installed.
        """
        seen: set[bytes] = set()
        with self._connected() as client:
            found = client.scan_iter(match=_literal(self.prefix) + b"*", count=size)
            while keys := list(islice(found, size)):
                # A scan may tell of a key twice, while the server makes room.
                new = [key for key in dict.fromkeys(keys) if key not in seen]
                seen.update(new)
                yield pl.DataFrame(self._rows(client, new), schema=self.schema, orient="row")

    def _rows(self, client: Redis, keys: Sequence[bytes]) -> list[list[Any]]:
        fields = [name for name in self.columns if name != self.key]
        asked = client.pipeline(transaction=False)
        for key in keys:
            asked.exists(key)
            asked.hmget(key, fields) if self.format == "hash" else asked.get(key)
        told = asked.execute(raise_on_error=False)
        rows = []
        for key, there, held in zip(keys, told[::2], told[1::2], strict=True):
            if isinstance(held, Exception):
                raise self._other_kind(client, key, held)
            if there and held is not None:
                rows.append(self._row(key, fields, held))
        return rows

    def _row(self, key: bytes, fields: Sequence[str], held: Any) -> list[Any]:
        where = f"the key {key.decode(errors='replace')!r} of Redis"
        read = from_hash if self.format == "hash" else from_json
        values = read(held, {name: self.columns[name] for name in fields}, where)
        name = from_hash([key[len(self.prefix.encode()) :]], {self.key: self.columns[self.key]}, where)[
            self.key
        ]
        return [name if column == self.key else values[column] for column in self.columns]

    def _other_kind(self, client: Redis, key: bytes, error: Exception) -> Exception:
        if "WRONGTYPE" not in str(error):
            return error
        kind = client.type(key)
        held = kind.decode() if isinstance(kind, bytes) else str(kind)
        return SchemaError(
            f"the key {key.decode(errors='replace')!r} of Redis holds a {held}, and the table is of format"
            f" {self.format!r}.",
            cure=f"Name a prefix under which every key is one, or format: {'hash' if held == 'hash' else 'json'}.",
        )

    @contextmanager
    def _connected(self) -> Iterator[Redis]:
        try:
            import redis
        except ImportError as error:
            raise MissingExtraError("the Redis client", "redis") from error
        client: Redis | None = None
        try:
            client = redis.Redis.from_url(self.url, socket_timeout=_PATIENCE_SECONDS)
            yield client
        except (redis.exceptions.RedisError, ValueError) as error:
            raise StoreError(
                f"Redis at {self.url.rsplit('@', 1)[-1]} cannot be read: {str(error)[:200]}.",
                cure="Start it, or check the url in external.yaml.",
            ) from error
        finally:
            if client is not None:
                client.close()


def _literal(prefix: str) -> bytes:
    """A prefix whose characters mean themselves in a pattern."""
    return "".join(f"\\{each}" if each in "*?[]\\^-" else each for each in prefix).encode()
