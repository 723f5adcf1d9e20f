"""Bytes to requests and answers to bytes: JSON and MessagePack of one schema, and one shape for errors."""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bighead.pipeline_lib.errors import RequestError, did_you_mean

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIELDS = ["rows", "columns", "keys", "at", "synthetic"]
_SHAPE = 'Send {"rows": [{…}]}, {"columns": {…}} or {"keys": [{…}]}, and "at" if you like.'
Row = dict[str, Any]


class Wire(enum.Enum):
    """A format; its value is the content type that answers carry."""

    JSON = "application/json"
    MSGPACK = "application/msgpack"


_TYPES = {
    "application/json": Wire.JSON,
    "application/msgpack": Wire.MSGPACK,
    "application/x-msgpack": Wire.MSGPACK,
    "application/vnd.msgpack": Wire.MSGPACK,
}
_DECODERS: dict[Wire, Any] = {Wire.JSON: msgspec.json.Decoder(), Wire.MSGPACK: msgspec.msgpack.Decoder()}
_ENCODERS: dict[Wire, Any] = {Wire.JSON: msgspec.json.Encoder(), Wire.MSGPACK: msgspec.msgpack.Encoder()}


class Ask(msgspec.Struct, frozen=True, gc=False):
    """A decoded request: its rows, none of them checked, and its instant in UTC µs, if it names one.

    A `synthetic` request (a probe, a load test) is answered and logged like any other, and monitors of drift and
    performance leave it out.
    """

    rows: list[Row]
    at: int | None
    synthetic: bool = False


def request_wire(content_type: str) -> Wire:
    """Return the format of a request.

    Raises:
        RequestError: 415, the content type is neither JSON nor MessagePack.
    """
    found = _TYPES.get(content_type) or _TYPES.get(content_type.partition(";")[0].strip().lower())
    if found is None:
        raise RequestError(
            f"the content type is {content_type!r}.",
            status=415,
            code="unsupported_content_type",
            cure="Send application/json or application/msgpack.",
        )
    return found


def answer_wire(accept: str, content_type: str) -> Wire:
    """Return the format of the answer: what `accept` names, else that of the request, else JSON."""
    if accept and accept != "*/*":
        for part in accept.split(","):
            found = _TYPES.get(part.partition(";")[0].strip().lower())
            if found is not None:
                return found
    return _TYPES.get(content_type.partition(";")[0].strip().lower(), Wire.JSON)


def encode(value: Any, wire: Wire) -> bytes:
    """Return an answer's bytes."""
    encoded: bytes = _ENCODERS[wire].encode(value)
    return encoded


def decode(body: bytes, wire: Wire) -> Any:
    """Return what a body says.

    Raises:
        RequestError: 400, the body is empty, malformed, too deep, or no text where text must be.
    """
    if not body:
        raise RequestError("the body is empty.", code="empty_body", cure=_SHAPE)
    try:
        return _DECODERS[wire].decode(body)
    except RecursionError as error:
        raise RequestError("the body is nested too deeply.", code="too_deep", cure=_SHAPE) from error
    except (ValueError, TypeError, OverflowError) as error:
        name = "JSON" if wire is Wire.JSON else "MessagePack"
        raise RequestError(
            f"the body cannot be read as {name}: {_first_line(error)}.", code="malformed_body", cure=_SHAPE
        ) from error


def decode_ask(body: bytes, wire: Wire) -> Ask:
    """Return the rows and the instant of a prediction request.

    Raises:
        RequestError: 400, and what of its shape is wrong.
    """
    asked = decode(body, wire)
    if type(asked) is not dict:
        raise RequestError(f"the body is {kind_of(asked)}.", code="wrong_shape", cure=_SHAPE)
    at, synthetic = asked.pop("at", None), asked.pop("synthetic", False)
    if type(synthetic) is not bool:
        raise RequestError(
            f"synthetic is {kind_of(synthetic)}.",
            code="wrong_type",
            column="synthetic",
            cure="Expected true or false; true for probes and load tests.",
        )
    if len(asked) != 1:
        raise _wrong_fields(asked)
    ((name, value),) = asked.items()
    if name not in ("rows", "keys", "columns"):
        raise _wrong_fields(asked)
    rows = _from_columns(value) if name == "columns" else _rows(name, value)
    return Ask(rows, None if at is None else instant(at), synthetic)


def instant(at: Any, field: str = "at") -> int:
    """Return an instant in UTC µs from ISO 8601 text with a zone, or from a MessagePack timestamp.

    >>> instant("1970-01-01T01:00:00+01:00")
    0

    Raises:
        RequestError: 400, it is neither, or has no zone.
    """
    moment = at
    if type(at) is str:
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        shown = repr(at[:60]) if isinstance(at, str) else kind_of(at)
        raise RequestError(
            f"{field} is {shown}.",
            code="wrong_instant",
            column=field,
            cure="Expected ISO 8601 with a zone, as 2013-11-22T10:00:00Z.",
        )
    return (moment - _EPOCH) // _MICROSECOND


def iso(microseconds: int) -> str:
    """Return an instant as ISO 8601 in UTC.

    >>> iso(1_500_000)
    '1970-01-01T00:00:01.500000Z'
    """
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")


def kind_of(value: Any) -> str:
    """Return what a decoded value is, in the words of JSON; never the value itself, which may be huge."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    for kinds, word in (
        (int, "an integer"),
        (float, "a number"),
        (str, "text"),
        (bytes, "bytes"),
        (list, "a list"),
        (dict, "an object"),
        (datetime, "a timestamp"),
    ):
        if isinstance(value, kinds):
            return word
    return "an extension"


def _rows(name: str, value: Any) -> list[Row]:
    if type(value) is not list:
        raise RequestError(
            f"{name} is {kind_of(value)}.", code="wrong_shape", cure="Expected a list of rows."
        )
    if not value:
        raise RequestError(f"{name} is empty.", code="no_rows", cure="Send one row or more.")
    for number, row in enumerate(value):
        if type(row) is not dict:
            raise RequestError(
                f"row {number} is {kind_of(row)}.",
                code="wrong_shape",
                row=number,
                cure="Expected an object of columns.",
            )
    return value


def _from_columns(value: Any) -> list[Row]:
    if type(value) is not dict:
        raise RequestError(
            f"columns is {kind_of(value)}.", code="wrong_shape", cure="Expected an object of lists."
        )
    for name, column in value.items():
        if type(column) is not list:
            raise RequestError(
                f"the column {_shown(name)} is {kind_of(column)}.",
                code="wrong_shape",
                column=_shown(name),
                cure="Expected a list.",
            )
    lengths = {len(column) for column in value.values()}
    if len(lengths) != 1 or lengths == {0}:
        raise RequestError(
            f"the columns have {sorted(lengths)[:10]} rows.",
            code="wrong_shape",
            cure="Every column needs the same number of rows, one or more.",
        )
    names = list(value)
    return [dict(zip(names, row, strict=True)) for row in zip(*value.values(), strict=True)]


def _wrong_fields(asked: dict[Any, Any]) -> RequestError:
    unknown = [_shown(name) for name in asked if name not in _FIELDS]
    if unknown:
        message, cure = f"the request has a field {unknown[0]!r}.", did_you_mean(unknown[0], _FIELDS)
    else:
        message = f"the request has {len(asked)} of rows, columns and keys."
        cure = _SHAPE
    return RequestError(message, code="wrong_shape", cure=cure)


def _shown(name: Any) -> str:
    return name[:200] if isinstance(name, str) else kind_of(name)


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0][:200]
