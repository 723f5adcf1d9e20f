"""What bytes of a message say, in JSON or in MessagePack."""

from __future__ import annotations

from typing import Any

import msgspec

_json = msgspec.json.Decoder()
_msgpack = msgspec.msgpack.Decoder()
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)


def is_binary(data: bytes) -> bool:
    """Whether bytes are MessagePack: its maps begin beyond ASCII, and JSON within it."""
    return data[:1] >= b"\x80"


def value_in(data: bytes) -> Any:
    r"""Return the value that bytes hold.

    >>> value_in(b'{"id": 7}'), value_in(b"\x81\xa2id\x07")
    ({'id': 7}, {'id': 7})

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: `UNREADABLE`, they hold none.
    """
    return _msgpack.decode(data) if is_binary(data) else _json.decode(data)
