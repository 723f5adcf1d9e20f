"""The gateway over real stores: formats, artifacts, readiness, clock, metrics, the log."""

from __future__ import annotations

import json
import math
import time
from datetime import UTC, datetime, timedelta

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from litestar.testing import TestClient

from bighead.pipeline_lib.artifact import InputColumn, save
from bighead.pipeline_lib.errors import StoreError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, codec
from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.point_in_time import SourceRows, clean, values_at
from bighead.pipeline_lib.transforms import NaNToMean, OneHotLabelEncoder
from bighead.resources.event_log import FileEventLog
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.registry_store import RegistryStore
from bighead.resources.replay import logged_by_artifact, refs_of, replay_consistency
from bighead.resources.settings import Settings
from bighead.resources.stream import Streams
from bighead.serving.app import create_app

PATH = "/v1/models/flight_late/predict"
PACK = {"Content-Type": "application/msgpack"}
GOOD = {"distance": 2475.5, "seats": 180, "carrier": "UA", "direct": True}
rows = st.lists(
    st.fixed_dictionaries(
        {
            "distance": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
            "seats": st.integers(-(2**63), 2**63 - 1),
            "carrier": st.one_of(st.none(), st.text(max_size=5)),
            "direct": st.booleans(),
        }
    ),
    min_size=1,
    max_size=12,
)


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_json_messagepack_rows_and_columns_give_equal_predictions(client, asked):
    as_json = client.post(PATH, json={"rows": asked})
    assert as_json.status_code == 200, as_json.text
    packed = client.post(PATH, content=msgspec.msgpack.encode({"rows": asked}), headers=PACK)
    columns = client.post(PATH, json={"columns": {name: [row[name] for row in asked] for name in GOOD}})
    mixed = client.post(PATH, json={"keys": asked}, headers={"Accept": "application/msgpack"})
    predictions = as_json.json()["predictions"]
    assert len(predictions) == len(asked)
    assert msgspec.msgpack.decode(packed.content)["predictions"] == predictions
    assert msgspec.msgpack.decode(mixed.content)["predictions"] == predictions
    assert columns.json()["predictions"] == predictions


def test_an_answer_says_who_answered_as_of_when_and_is_logged_under_its_id(client, settings):
    answer = client.post(PATH, json={"rows": [GOOD], "at": "2013-11-22T10:00:00+01:00"}).json()
    assert answer == {
        "model": "flight_late",
        "artifact": 1,
        "model_version": "1",
        "at": "2013-11-22T09:00:00Z",
        "request_id": answer["request_id"],
        "predictions": [{"probability": 1.24755}],
    }
    deadline = time.monotonic() + 5
    while client.get("/v1/log").json()["waiting"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert client.get("/v1/log").json() == {"accepted": 1, "written": 1, "dropped": 0, "waiting": 0}
    (record,) = FileEventLog(settings.inference_log).read("flight_late")
    assert (record.request_id, record.artifact) == (answer["request_id"], 1)
    assert record.rows[0].keys == {"carrier": "UA"}
    assert record.rows[0].context == {"distance": 2475.5, "seats": 180, "direct": True}
    assert record.rows[0].prediction == {"probability": 1.24755}


def test_an_artifact_that_is_not_active_answers_by_its_number(client, registry, add_artifact):
    number = add_artifact(registry, "flight_late", 2)
    answer = client.post(f"/v1/models/flight_late/artifacts/{number}/predict", json={"rows": [GOOD]}).json()
    assert (answer["artifact"], answer["predictions"]) == (2, [{"probability": 2.24755}])
    assert client.post(PATH, json={"rows": [GOOD]}).json()["artifact"] == 1


def test_metrics_carry_the_model_and_no_name_that_a_stranger_invents(client):
    client.post(PATH, json={"rows": [GOOD, GOOD]})
    client.post(PATH, json={"rows": [{}]})
    client.post("/v1/models/invented_by_a_stranger/predict", json={"rows": [{}]})
    text = client.get("/metrics").text
    assert 'bighead_request_seconds_count{model="flight_late"} 1.0' in text
    assert 'bighead_request_rows_sum{model="flight_late"} 2.0' in text
    assert 'bighead_request_errors_total{code="missing_column",model="flight_late"} 1.0' in text
    assert 'bighead_request_errors_total{code="unknown_model",model="unknown"} 1.0' in text
    assert 'bighead_serving_artifact{model="flight_late"} 1.0' in text
    assert 'bighead_inference_log_records_total{fate="accepted"} 1.0' in text
    assert "invented_by_a_stranger" not in text


def test_models_tell_what_a_request_must_give(client):
    (model,) = client.get("/v1/models").json()["models"]
    assert model == client.get("/v1/models/flight_late").json()
    assert [column["name"] for column in model["columns"]] == list(GOOD)


def test_a_gateway_that_cannot_renew_its_lease_is_unready_and_answers_503(client, monkeypatch):
    def unreachable(*args):
        raise StoreError("the database is gone.")

    with monkeypatch.context() as patched:
        for name in ("heartbeat", "desired"):
            patched.setattr(RegistryStore, name, unreachable)
        assert client.post(PATH, json={"rows": [GOOD]}).status_code == 200
        deadline = time.monotonic() + 10
        while client.get("/health/ready").status_code == 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        refused = client.post(PATH, json={"rows": [GOOD]})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "lease_expired")
        assert refused.headers["retry-after"] == "1"
        assert client.get("/health/live").status_code == 200
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < deadline + 10
        time.sleep(0.05)
    assert client.post(PATH, json={"rows": [GOOD]}).status_code == 200


def test_a_replay_clock_moves_forward_only(settings, registry):
    replaying = Settings(home=settings.home, clock="replay:2013-11-01T00:00Z")
    with TestClient(create_app(replaying)) as client:
        assert client.get("/v1/clock").json() == {"now": "2013-11-01T00:00:00Z", "replay": True}
        moved = client.put("/v1/clock", json={"now": "2013-11-02T00:00:00Z"})
        assert moved.json()["now"] == "2013-11-02T00:00:00Z"
        back = client.put("/v1/clock", json={"now": "2013-11-01T00:00:00Z"})
        assert (back.status_code, back.json()["error"]["code"]) == (409, "clock_back")
        assert client.put("/v1/clock", json={"then": 1}).status_code == 400


B = datetime(2013, 11, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UTC_US = pl.Datetime("us", "UTC")
delays = FeatureSet(
    name="delays",
    owner="t",
    keys=["carrier"],
    source=EventSource(table="arrivals", stream="arrivals", event_time="at", event_id="id"),
    aggregations=[Aggregation("delay", op, windows=["3h", "1d"]) for op in ("count", "average", "max")],
)


def arrivals(minutes) -> pl.DataFrame:
    found = [(B + m * MINUTE, f"e{m}", "UA" if m % 3 else "B6", float(m % 50)) for m in minutes]
    return pl.DataFrame(
        found, schema={"at": UTC_US, "id": pl.String, "carrier": pl.String, "delay": pl.Float64}, orient="row"
    )


class Table:
    """All arrivals that ever were, as the warehouse would hold them."""

    def scan(self, table):
        return arrivals(range(-1500, 300, 10)).lazy()

    def fingerprint(self, table):
        return "1"


@pytest.fixture
def trained(settings):
    """A real bundle over one feature set, registered and active, and the generation of midnight uploaded."""
    ref = delays.on()
    asked = pl.DataFrame({"carrier": ["UA", "B6"] * 60, "t": [B - m * MINUTE for m in range(120)]})
    features, _ = values_at(
        asked.with_columns(pl.col("t").cast(UTC_US)), ref, clean(arrivals(range(-1500, 0, 10)), delays), "t"
    )
    frame = pl.concat([asked.select("carrier"), features], how="horizontal")
    pipeline = Pipeline("flight_late")
    numbers = list(ref.columns())
    pipeline[numbers] >>= NaNToMean()
    pipeline["carrier"] >>= OneHotLabelEncoder()
    pipeline >>= XGBClassifier(n_estimators=5, max_depth=3)
    pipeline.fit(frame, pl.Series([n % 2 for n in range(120)]))
    inputs = [
        InputColumn(each.name, each.dtype, True, "key" if each.name == "carrier" else "feature:delays")
        for each in pipeline.graph.inputs
    ]
    folder = settings.artifacts / "one"
    refs = json.dumps([codec.to_json(ref)])
    manifest = save(
        pipeline,
        folder,
        model="flight_late",
        inputs=inputs,
        example_rows=frame,
        feature_sets_json=refs,
        key_columns=["carrier"],
    )
    registry = RegistryStore(settings.registry_url)
    registry.ensure_model("flight_late", "o", "t", {})
    said = {
        "metrics": {},
        "metadata": {},
        "code_version": "1",
        "partition": "p",
        "data_interval": (B - timedelta(days=9), B),
    }
    registry.register("flight_late", content_hash=manifest.content_hash, location=str(folder), **said)
    registry.promote("flight_late", 1, actor="test", force=True)
    registry.close()
    store = LmdbOnlineStore(settings.online)
    store.put_generation(delays, B, clean(arrivals(range(-1500, 0, 10)), delays), {"delays": "1"})
    store.close()
    return pipeline, refs


def test_keys_alone_are_answered_as_training_would_and_the_replay_finds_no_difference(settings, trained):
    pipeline, refs = trained
    with TestClient(create_app(Settings(home=settings.home, clock="replay:2013-11-02T05:00Z"))) as client:
        while client.get("/health/ready").status_code != 200:
            time.sleep(0.02)
        for minute in range(0, 290, 10):
            event = [{**row, "at": row["at"].isoformat()} for row in arrivals([minute]).to_dicts()]
            sent = client.post("/v1/streams/arrivals/events", json=event)
            assert sent.json()["accepted"] == 1
            asked = {
                "keys": [{"carrier": "UA"}, {"carrier": "B6"}, {"carrier": None}],
                "at": (B + (minute + 5) * MINUTE).isoformat(),
            }
            answer = client.post(PATH, json=asked)
            packed = client.post(PATH, content=msgspec.msgpack.encode(asked), headers=PACK)
            assert msgspec.msgpack.decode(packed.content)["predictions"] == answer.json()["predictions"]
        left = pl.DataFrame({"carrier": ["UA", "B6", None], "t": [B + 285 * MINUTE] * 3}).with_columns(
            pl.col("t").cast(UTC_US)
        )
        features, _ = values_at(
            left, delays.on(), clean(arrivals([*range(-1500, 0, 10), *range(0, 290, 10)]), delays), "t"
        )
        expected = pipeline.transform(pl.concat([left, features], how="horizontal"))["probability"].to_list()
        given_back = [each["probability"] for each in answer.json()["predictions"]]
        assert all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(given_back, expected, strict=True))
        overriding = client.post(PATH, json={"rows": [{"carrier": "UA", "delays_delay_max_3h": 5.0}]})
        assert (overriding.status_code, overriding.json()["error"]["code"]) == (400, "not_overridable")
        early = client.post(PATH, json={"keys": [{"carrier": "UA"}], "at": "2013-11-01T00:00:00Z"})
        assert (early.status_code, early.json()["error"]["code"]) == (422, "not_kept")
        late = client.post(PATH, json={"keys": [{"carrier": "UA"}], "at": "2013-11-02T05:00:01Z"})
        assert (late.status_code, late.json()["error"]["code"]) == (422, "future_at")
        number = client.post(PATH, json={"keys": [{"carrier": 5}]})
        assert (number.status_code, number.json()["error"]["column"]) == (400, "carrier")
    (records,) = logged_by_artifact(FileEventLog(settings.inference_log), "flight_late").values()
    store = LmdbOnlineStore(settings.online)
    streams = Streams(settings.online / "streams", store)
    report = replay_consistency(records, refs_of(refs), SourceRows(Table()), streams)
    assert (report.requests, report.compared, report.mismatches) == (58, 58 * 3 * 6, ())
    store.close()


def test_wrong_events_are_refused_and_none_is_kept(settings, trained):
    with TestClient(create_app(settings)) as client:
        for body, code in (
            ([], "wrong_shape"),
            ({"events": 5}, "wrong_shape"),
            ([5], "wrong_shape"),
            ([{"at": "2013-11-02T00:00:00Z", "id": "x", "carrier": "UA"}], "missing_column"),
            ([{"at": "noon", "id": "x", "carrier": "UA", "delay": 1.0}], "wrong_instant"),
        ):
            answer = client.post("/v1/streams/arrivals/events", json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
        assert client.get("/v1/streams").json() == {"streams": {"arrivals": 0}, "topics": {"arrivals": {}}}
