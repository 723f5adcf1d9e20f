"""Messages of a topic that Debezium writes: keys and tombstones become envelopes that can stand alone in a log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bighead.resources.debezium_envelopes import change_of
from bighead.resources.message_bytes import UNREADABLE, value_in
from bighead.resources.stream_records import Event, Record

if TYPE_CHECKING:
    from bighead.resources.stream_messages import Message


class DebeziumMessages:
    """Messages that came together.

    Args:
        ids: The columns of ids, by which definitions name the row.
        messages: All of them, in the order of each partition.
        recent: The last records of the stream's log, for what came with earlier messages.
    """

    def __init__(
        self, ids: Collection[str], messages: Sequence[Message], recent: Callable[[], Iterable[Record]]
    ) -> None:
        self._ids, self._recent = sorted(ids), recent
        self._by_place = {(each.partition, each.offset): each for each in messages}
        self._logged: dict[tuple[int, int], Record] | None = None

    def envelope(self, message: Message, value: Event | None) -> Event | None:
        """Return an envelope that can stand alone; None of a tombstone that says nothing new.

        Args:
            message: The message.
            value: What its value says; None of a tombstone.

        Raises:
            ValueError: it tells of no change of a row, or of no row.
        """
        if value is not None:
            return with_key(value, message.key, self._ids)
        row = {name: id_of(message.key, name) for name in self._ids}
        if self._follows_its_delete(message, row):
            return None
        return {"before": row, "after": None, "op": "d", "ts_us": message.timestamp}

    def _follows_its_delete(self, message: Message, row: Event) -> bool:
        """Whether the message before is the delete of the row: Debezium sends the two one after the other.

        A tombstone's own time may lie after a row of the same key that was created anew, where the connector lags, so
        it must not count by it where the delete is known.
        """
        place = (message.partition, message.offset - 1)
        earlier = self._by_place.get(place)
        if earlier is not None:
            return earlier.key == message.key and (earlier.value is None or _deletes(_read(earlier.value)))
        if self._logged is None:
            self._logged = {(each.partition, each.offset): each for each in self._recent()}
        record = self._logged.get(place)
        if record is None or record.reason:
            return False
        # What was known already is not in the log twice; a delete that is sent again has its tombstone with it.
        return record.event is None or _deletes(record.event, row)


def with_key(message: Event, key: bytes | None, ids: Collection[str]) -> Event:
    """Return an envelope with the ids of its row, and of its schema what gives values their meaning.

    Raises:
        ValueError: it tells of no change of a row, or of no row.
    """
    change = change_of(message)
    envelope, side = change.envelope, "before" if change.op == "d" else "after"
    untold = [name for name in ids if change.image.get(name) is None]
    if untold:
        envelope = {**envelope, side: {**change.image, **{name: id_of(key, name) for name in untold}}}
    if not change.schema:
        return envelope
    # Schemas are many times as long as what they tell of.
    kept = [
        {name: field[name] for name in ("field", "name", "parameters") if name in field}
        for field in change.schema.values()
    ]
    return {"schema": {"fields": [{"field": side, "fields": kept}]}, "payload": envelope}


def id_of(key: bytes | None, identity: str) -> Any:
    """Return the id of a row that a message's key names: a column of an object, or the key itself.

    >>> id_of(b'{"id": 7}', "id"), id_of(b"o7", "id")
    (7, 'o7')

    Raises:
        ValueError: it names none.
    """
    if not key:
        raise ValueError(f"neither the row nor the message's key says the id {identity!r}")
    told = _read(key)
    if type(told) is dict and "payload" in told and identity not in told:
        told = told["payload"]
    if type(told) is dict:
        if told.get(identity) is None:
            raise ValueError(
                f"the message's key lacks the id {identity!r}: it has {sorted(map(str, told))[:12]}"
            )
        return told[identity]
    if told is None or type(told) is list:
        raise ValueError(f"the message's key is {told!r}, and the id {identity!r} was expected")
    return told


def _read(data: bytes) -> Any:
    try:
        return value_in(data)
    except UNREADABLE:
        return data.decode(errors="replace")


def _deletes(message: Any, row: Event | None = None) -> bool:
    if type(message) is not dict:
        return False
    try:
        change = change_of(message)
    except ValueError:
        return False
    return change.op == "d" and (row is None or all(change.image.get(name) == row[name] for name in row))
