"""What streams add to the Redis index: rows by key and time, ids by arrival, how far each definition is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import polars as pl

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID
from bighead.pipeline_lib.point_in_time.key_digest import digests_of_values, split_digests
from bighead.resources import redis_scripts as scripts
from bighead.resources.changing_rows import dispensable, id_and_known, is_mutable, owners
from bighead.resources.online_rows import key_and_time, ordered, pack
from bighead.resources.online_store import Applied, Consumed, Known, gap, pack_consumed, unpack_consumed
from bighead.resources.redis_connection import RedisConnection

_Argument = bytes | str | int
_INSTANT_BYTES = 8
_ASKED_AT_ONCE = 1000


class RedisStreamIndex:
    """The part of a RedisOnlineStore that streams fill; each method is one step of the server."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def known(self, stream: str, ids: Sequence[Any], digests: bytes = b"") -> Known:
        """Return those of `ids` that a stream has, and how far it was indexed when they were read."""
        asked = split_digests(digests or digests_of_values(ids))
        end, found, _ = self._connection.run(scripts.KNOWN, stream, *asked)
        return Known(frozenset(each for each, there in zip(ids, found, strict=True) if there), int(end))

    def consumed(self, stream: str) -> tuple[int, dict[int, Consumed]]:
        """Return the end of a stream's ids, and what its log said up to there of each partition."""
        end, _, consumed = self._connection.run(scripts.KNOWN, stream)
        return int(end), unpack_consumed(consumed) if consumed else {}

    def ends(self, stream: str, names: Collection[str]) -> dict[str, int]:
        """Return the next position of each named definition, and of the stream's ids under the empty name."""
        flat = self._connection.run(scripts.ENDS)
        found = dict(zip(flat[::2], flat[1::2], strict=True))
        ends = {name: int(found.get(f"position:{name}".encode(), 0)) for name in names}
        return {"": int(found.get(f"stream:{stream}".encode(), 0)), **ends}

    def apply(self, applied: Applied, definitions: Mapping[str, FeatureSet]) -> None:
        """Add a step to the index of `definitions`.

        Raises:
            ConflictError: it starts beyond what is there; nothing was added.
        """
        rows: list[tuple[_Argument, ...]] = []
        owned: list[tuple[_Argument, ...]] = []
        for name, (frame, positions) in applied.rows.items():
            feature_set = definitions[name]
            if is_mutable(feature_set):
                places = id_and_known(frame)
                owned += [(name, key, each) for key, each in owners(feature_set, frame)]
            else:
                places = key_and_time(frame, len(feature_set.keys))
            for (key, at), position, row in zip(places, positions, pack(frame), strict=True):
                rows.append((name, key, ordered(at) + ordered(position) + row))
        digests = applied.digests or digests_of_values([*applied.ids])
        groups: list[list[tuple[_Argument, ...]]] = [
            list(applied.starts.items()),
            list(applied.ends.items()),
            list(zip(applied.ids.values(), split_digests(digests), strict=True)),
            rows,
            owned,
        ]
        flat = [part for group in groups for part in (len(group), *(a for item in group for a in item))]
        consumed = pack_consumed(applied.consumed) if applied.consumed else b""
        answer = self._connection.run(scripts.APPLY, applied.stream, applied.end, consumed, *flat)
        if not answer[0]:
            raise gap(applied.stream, answer[1].decode(), int(answer[2]), int(answer[3]))

    def prune(self, name: str, rows_key: bytes, midnight: bytes, columns: Sequence[str]) -> None:
        """Drop the streamed rows before a generation's midnight that it holds itself, by their ids."""
        epoch, digests = self._connection.run(scripts.TAILS, name)
        tail = self._connection.prefix + b"tail:" + epoch + f":{name}:".encode()
        place = list(columns).index(EVENT_ID)
        for start in range(0, len(digests), _ASKED_AT_ONCE):
            keys = digests[start : start + _ASKED_AT_ONCE]
            early = self._together("zrangebylex", [(tail + key, b"-", b"(" + midnight) for key in keys])
            asked = [(key, members) for key, members in zip(keys, early, strict=True) if members]
            covering = self._together("hget", [(rows_key, key) for key, _ in asked])
            gone = []
            for (key, members), rows in zip(asked, covering, strict=True):
                covered = {row[place] for row in msgspec.msgpack.decode(rows)} if rows else set()
                found = [each for each in members if _id(each, place) in covered]
                gone += [(tail + key, *found)] if found else []
            self._together("zrem", gone)

    def prune_changes(
        self, feature_set: FeatureSet, name: str, generation: pl.DataFrame, midnight: int
    ) -> None:
        """Drop the mutations that no question from `midnight` on needs beside a generation, and rows from keys."""
        epoch, ids = self._connection.run(scripts.TAILS, name)
        tail = self._connection.prefix + b"tail:" + epoch + f":{name}:".encode()
        tails = [tail + each for each in ids]
        for start in range(0, len(tails), _ASKED_AT_ONCE):
            part = tails[start : start + _ASKED_AT_ONCE]
            members = self._together("zrange", [(tail, 0, -1) for tail in part])
            # All of a row's mutations are in one part.
            packed = [each[2 * _INSTANT_BYTES :] for found in members for each in found]
            covered = dispensable(feature_set, generation, midnight, packed)
            gone = [
                (key, *(each for each in found if each[2 * _INSTANT_BYTES :] in covered))
                for key, found in zip(part, members, strict=True)
            ]
            self._together("zrem", [each for each in gone if len(each) > 1])
        keys = self._connection.run(scripts.KEYS, name)
        for start in range(0, len(keys), _ASKED_AT_ONCE):
            self._connection.run(scripts.PRUNE_OWNERS, name, *keys[start : start + _ASKED_AT_ONCE])

    def _together(self, command: str, arguments: list[tuple[Any, ...]]) -> list[Any]:
        with self._connection.told():
            pipeline = self._connection.client.pipeline(transaction=False)
            for each in arguments:
                getattr(pipeline, command)(*each)
            return list(pipeline.execute())

    def forget(self) -> None:
        """Drop everything that came by streams: from now on nobody reads it, then it is deleted."""
        client, prefix = self._connection.client, self._connection.prefix
        with self._connection.told():
            epoch = str(client.incr(prefix + b"epoch")).encode()
            for kind in (b"tail:", b"tails:", b"owners:", b"keys:", b"ids:", b"ends:"):
                for key in client.scan_iter(match=_literal(prefix + kind) + b"*", count=1000):
                    if key[len(prefix) + len(kind) :].split(b":", 1)[0] != epoch:
                        client.unlink(key)


def _id(member: bytes, place: int) -> Any:
    return msgspec.msgpack.decode(member[2 * _INSTANT_BYTES :])[place]


def _literal(pattern: bytes) -> bytes:
    return b"".join(b"\\" + bytes([c]) if bytes([c]) in b"*?[]\\^" else bytes([c]) for c in pattern)
