from __future__ import annotations

import json
import math

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture
def client(shared_client):
    return shared_client


GOOD = {"distance": 2475.5, "seats": 180, "carrier": "UA", "direct": True}
PATH = "/v1/models/flight_late/predict"
JSON, MSGPACK = "application/json", "application/msgpack"
ENCODE = {JSON: lambda v: json.dumps(v).encode(), MSGPACK: msgspec.msgpack.encode}
DECODE = {JSON: json.loads, MSGPACK: msgspec.msgpack.decode}


def without(name):
    return {key: value for key, value in GOOD.items() if key != name}


# name: (request, status, code, column, row)
VALUES = {
    "missing column": ({"rows": [GOOD, without("seats")]}, 400, "missing_column", "seats", 1),
    "extra column": ({"rows": [{**GOOD, "sets": 1}]}, 400, "unknown_column", "sets", 0),
    "text for a number": ({"rows": [{**GOOD, "distance": "far"}]}, 400, "wrong_type", "distance", 0),
    "boolean for a number": ({"rows": [{**GOOD, "distance": True}]}, 400, "wrong_type", "distance", 0),
    "boolean for an integer": ({"rows": [{**GOOD, "seats": True}]}, 400, "wrong_type", "seats", 0),
    "fraction for an integer": ({"rows": [{**GOOD, "seats": 1.5}]}, 400, "wrong_type", "seats", 0),
    "number for text": ({"rows": [{**GOOD, "carrier": 5}]}, 400, "wrong_type", "carrier", 0),
    "number for a boolean": ({"rows": [{**GOOD, "direct": 1}]}, 400, "wrong_type", "direct", 0),
    "null where none may be": ({"rows": [{**GOOD, "seats": None}]}, 400, "null_not_allowed", "seats", 0),
    "a list as a value": ({"rows": [{**GOOD, "distance": [1]}]}, 400, "wrong_type", "distance", 0),
    "no rows": ({"rows": []}, 400, "no_rows", None, None),
    "rows no list": ({"rows": GOOD}, 400, "wrong_shape", None, None),
    "a row no object": ({"rows": [GOOD, 5]}, 400, "wrong_shape", None, 1),
    "uneven columns": ({"columns": {"distance": [1.0], "seats": []}}, 400, "wrong_shape", None, None),
    "a column no list": ({"columns": {"distance": 1.0}}, 400, "wrong_shape", "distance", None),
    "no rows at all": ({}, 400, "wrong_shape", None, None),
    "rows and columns": ({"rows": [GOOD], "columns": {}}, 400, "wrong_shape", None, None),
    "a misspelt field": ({"row": [GOOD]}, 400, "wrong_shape", None, None),
    "a list": ([GOOD], 400, "wrong_shape", None, None),
    "null": (None, 400, "wrong_shape", None, None),
    "at no instant": ({"rows": [GOOD], "at": "yesterday"}, 400, "wrong_instant", "at", None),
    "at without zone": ({"rows": [GOOD], "at": "2013-11-22T10:00:00"}, 400, "wrong_instant", "at", None),
    "at a number": ({"rows": [GOOD], "at": 5}, 400, "wrong_instant", "at", None),
    "synthetic no boolean": ({"rows": [GOOD], "synthetic": "yes"}, 400, "wrong_type", "synthetic", None),
    "at in the future": ({"rows": [GOOD], "at": "2999-01-01T00:00:00Z"}, 422, "future_at", "at", None),
}


@pytest.mark.parametrize("kind", [JSON, MSGPACK])
@pytest.mark.parametrize("name", VALUES)
def test_a_wrong_request_is_told_what_is_wrong_in_its_own_format(client, name, kind):
    request, status, code, column, row = VALUES[name]
    answer = client.post(PATH, content=ENCODE[kind](request), headers={"Content-Type": kind})
    assert answer.headers["content-type"] == kind
    error = DECODE[kind](answer.content)["error"]
    assert (answer.status_code, error["code"], error["column"], error["row"]) == (status, code, column, row)
    assert error["message"]
    assert error["cure"]


BODIES = {
    "empty body": (JSON, b"", 400, "empty_body"),
    "empty MessagePack body": (MSGPACK, b"", 400, "empty_body"),
    "broken JSON": (JSON, b'{"rows": [', 400, "malformed_body"),
    "two JSON values": (JSON, b"{}{}", 400, "malformed_body"),
    "broken MessagePack": (MSGPACK, b"\x81\xa4rows", 400, "malformed_body"),
    "the token NaN": (JSON, b'{"rows": [{"distance": NaN}]}', 400, "malformed_body"),
    "the token Infinity": (JSON, b'{"rows": [{"distance": -Infinity}]}', 400, "malformed_body"),
    "a number beyond float64": (JSON, b'{"rows": [{"distance": 1e999}]}', 400, "malformed_body"),
    "half a surrogate pair": (JSON, b'{"rows": [{"carrier": "\\ud800"}]}', 400, "malformed_body"),
    "no UTF-8": (JSON, b'{"rows": "\xff"}', 400, "malformed_body"),
    "no UTF-8 in MessagePack": (MSGPACK, b"\x81\xa4rows\xa2\xff\xff", 400, "malformed_body"),
    "5,000 brackets": (JSON, b"[" * 5000, 400, "too_deep"),
    "5,000 closed brackets": (JSON, b"[" * 5000 + b"]" * 5000, 400, "too_deep"),
    "5,000 arrays": (MSGPACK, b"\x91" * 5000, 400, "too_deep"),
    "five billion elements": (MSGPACK, b"\xdd\xff\xff\xff\xff", 400, "malformed_body"),
    "a map as a key": (MSGPACK, b"\x81\x80\x02", 400, "malformed_body"),
    "an extension": (MSGPACK, b"\x81\xa4rows\xd4\x05a", 400, "wrong_shape"),
    "a form": ("application/x-www-form-urlencoded", b"a=1", 415, "unsupported_content_type"),
    "no content type": ("", b"{}", 415, "unsupported_content_type"),
    "MessagePack called JSON": (JSON, msgspec.msgpack.encode({"rows": [GOOD]}), 400, "malformed_body"),
    "50 MB": (JSON, b" " * 50_000_000, 413, "request_entity_too_large"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_read_is_a_4xx(client, name):
    kind, body, status, code = BODIES[name]
    answer = client.post(PATH, content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text[:300]
    error = DECODE.get(answer.headers["content-type"], json.loads)(answer.content)["error"]
    assert error["code"] == code
    assert set(error) == {"code", "message", "column", "row", "cure"}
    assert len(answer.content) < 1500


@pytest.mark.parametrize(
    ("value", "code"), [(math.inf, "not_finite"), (-math.inf, "not_finite"), (10**400, None)]
)
def test_infinity_is_refused_and_named(client, value, code):
    kind = JSON if isinstance(value, int) else MSGPACK
    body = ENCODE[kind]({"rows": [GOOD, {**GOOD, "distance": value}]})
    answer = client.post(PATH, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    error = DECODE[kind](answer.content)["error"]
    if code:
        assert (error["code"], error["column"], error["row"]) == (code, "distance", 1)


def test_an_integer_beyond_64_bits_is_refused(client):
    answer = client.post(PATH, json={"rows": [{**GOOD, "seats": 2**63}]})
    assert (answer.status_code, answer.json()["error"]["column"]) == (400, "seats")
    assert client.post(PATH, json={"rows": [{**GOOD, "seats": 2**63 - 1}]}).status_code == 200


def test_a_messagepack_nan_is_missing_where_null_may_be(client):
    def ask(distance):
        body = msgspec.msgpack.encode({"rows": [{**GOOD, "distance": distance}]})
        answer = client.post(PATH, content=body, headers={"Content-Type": MSGPACK})
        return msgspec.msgpack.decode(answer.content)["predictions"]

    assert ask(math.nan) == ask(None) == [{"probability": 1.0}]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/v1/models/flight_lat/predict", 404, "unknown_model"),
        ("POST", "/v1/models/flight_late/artifacts/99/predict", 404, "unknown_artifact"),
        ("POST", "/v1/models/nobody/artifacts/1/predict", 404, "unknown_artifact"),
        ("POST", "/v1/models/flight_late/artifacts/one/predict", 404, "not_found"),
        ("POST", "/v1/nothing", 404, "not_found"),
        ("GET", PATH, 405, "method_not_allowed"),
        ("PUT", PATH, 405, "method_not_allowed"),
        ("DELETE", PATH, 405, "method_not_allowed"),
        ("GET", "/v1/models/flight_lat", 404, "unknown_model"),
        ("POST", "/v1/streams/arivals/events", 404, "unknown_stream"),
        ("PUT", "/v1/clock", 409, "no_replay"),
    ],
)
def test_a_wrong_place_is_a_4xx_of_the_same_shape(client, method, path, status, code):
    body = [{"event_id": "1"}] if "streams" in path else {"rows": [GOOD]}
    answer = client.request(method, path, json=None if method == "GET" else body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_an_unknown_model_is_answered_with_the_nearest(client):
    answer = client.post("/v1/models/flight_lat/predict", json={"rows": [GOOD]})
    assert answer.json()["error"]["cure"] == "Did you mean 'flight_late'?"


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
packable = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=8),
)


def nested(leaves, keys):
    names = st.one_of(st.sampled_from(["rows", "columns", "keys", "at", *GOOD]), keys)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=5)),
    )


json_bodies = st.one_of(
    nested(scalars, st.text(max_size=4)).map(lambda v: json.dumps(v).encode()),
    st.dictionaries(
        st.sampled_from(["rows", "keys", "at"]), st.lists(st.fixed_dictionaries(dict.fromkeys(GOOD, scalars)))
    ).map(lambda v: json.dumps(v).encode()),
    st.binary(max_size=200),
    st.binary(max_size=60).map(lambda junk: b'{"rows": [' + junk),
)
msgpack_bodies = st.one_of(
    nested(packable, st.one_of(st.text(max_size=4), st.integers(-5, 5), st.floats(allow_nan=False))).map(
        msgspec.msgpack.encode
    ),
    st.binary(max_size=200),
    st.binary(max_size=60).map(lambda junk: b"\x81\xa4rows\x91" + junk),
)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(json_bodies)
def test_no_json_body_is_ever_a_500(client, body):
    answer = client.post(PATH, content=body, headers={"Content-Type": JSON})
    assert answer.status_code in (200, 400, 422), answer.text
    json.loads(answer.content)


@FUZZ
@given(msgpack_bodies)
def test_no_messagepack_body_is_ever_a_500(client, body):
    answer = client.post(PATH, content=body, headers={"Content-Type": MSGPACK})
    assert answer.status_code in (200, 400, 422), answer.content
    msgspec.msgpack.decode(answer.content)
