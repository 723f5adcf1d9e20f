"""What a request gives beside its keys: checked by its declaration, derived from, logged, and equal to training."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rides import MINUTE, RIDERS, RIDES, ZONES, B, Tables, happened, left_of, requests, saved_rides, served

from bighead.pipeline_lib.artifact import derived_inputs, input_columns, load, save
from bighead.pipeline_lib.errors import RequestError
from bighead.pipeline_lib.features import Input, Label, LeftTable, TrainingSet
from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.inference_log import InferenceRecord, decode, encode
from bighead.pipeline_lib.monitoring import check_consistency
from bighead.pipeline_lib.monitoring.tolerance import equal
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.point_in_time import SourceRows, build_training_set, clean
from bighead.pipeline_lib.transforms import NaNToMean
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import OnlineFetcher
from bighead.serving.gateway.hosted import load_hosted

events = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(-2000, -1), st.none() | st.integers(-9, 9)), max_size=15
)
asks = st.lists(
    st.fixed_dictionaries(
        {
            "rider": st.sampled_from(["a", "b", "nobody", None]),
            "zone": st.sampled_from(["a", "b", None]),
            "quoted": st.none() | st.integers(-3, 3) | st.floats(-1e9, 1e9),
            "seats": st.integers(-2, 3),
            "pool": st.none() | st.booleans(),
            "kind": st.none() | st.sampled_from(["x", "y"]),
            "pickup": st.none() | st.integers(-600, 600),
        }
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """The artifact of rides, as training keeps it."""
    return saved_rides(tmp_path_factory.mktemp("bundle") / "one")


def test_the_bundle_says_what_a_request_gives_and_what_is_made_of_it(bundle):
    hosted, manifest = load_hosted("rides", 1, str(bundle)), load(bundle).manifest
    assert {each.name: each.origin for each in manifest.inputs}["dear"] == "derived"
    assert manifest.derived is not None
    assert [name for name, _ in manifest.derived.columns] == [
        "ahead",
        "dear",
        "lists",
        "share",
        "shown",
        "usual",
    ]
    # `unread` is no input: its column is still asked for, since `dear` reads it.
    given_ = {each.name: (each.dtype, each.nullable) for each in hosted.signature.columns}
    assert given_ == {
        "quoted": ("float64", True),
        "seats": ("int64", False),
        "pool": ("bool", True),
        "kind": ("string", True),
        "pickup": ("datetime", True),
        "rider": ("key", True),
        "zone": ("key", True),
    }


@settings(max_examples=40, deadline=None)
@given(told=events, asked=asks, minute=st.integers(0, 900))
def test_what_is_served_and_logged_is_what_training_rows_hold(bundle, told, asked, minute):
    at = B + minute * MINUTE
    read = Tables(riders=happened(told, "rider"), zones=happened(told, "zone"))
    frame = build_training_set(RIDES, left_of(asked, at), SourceRows(read)).frame
    expected = load(bundle).predict(frame)["probability"].to_list()
    with tempfile.TemporaryDirectory() as folder:
        store = LmdbOnlineStore(Path(folder) / "online")
        streams = Streams(Path(folder) / "streams", store)
        for feature_set in (RIDERS, ZONES):
            store.put_generation(feature_set, B, clean(read[feature_set.name], feature_set), {})
        fetcher, hosted = OnlineFetcher(store, streams), load_hosted("rides", 1, str(bundle))
        record = served(hosted, fetcher, requests(asked, at), at)
        streams.close()
        store.close()
    assert_replayed(record, {each.name: clean(read[each.name], each) for each in (RIDERS, ZONES)})
    names = ["dear", "share", "ahead", "lists", "shown", "usual", "riders_fare_count_1d"]
    for row, trained, predicted in zip(record.rows, frame.to_dicts(), expected, strict=True):
        assert all(equal(row.features[name], trained[name]) for name in names), (row.features, trained)
        assert row.context["quoted"] == trained["quoted"]
        assert row.context["seats"] == trained["seats"]
        assert row.prediction["probability"] == pytest.approx(predicted, rel=1e-6)
        worst = {row.statuses.get("riders_fare_sum_1d"), row.statuses.get("z_zones_fare_sum_1d")}
        for status in ("null_key", "stale", "empty", None):
            if status in worst:
                assert row.statuses.get("share") == status
                break
        assert "ahead" not in row.statuses


def assert_replayed(record: InferenceRecord, rows: dict[str, pl.DataFrame]) -> None:
    """Every logged value is replayed; one that was changed is found, and one of another definition left out."""
    logged = decode(encode(record))
    report = check_consistency([logged], RIDES.refs, rows, {}, RIDES)
    assert report.consistent, report.mismatches
    bare = check_consistency([logged], RIDES.refs, rows, {})
    assert (report.compared - bare.compared, report.other) == (6 * len(record.rows), bare.other)
    other = replace(RIDES, derivations={**RIDES.derivations, "usual": "riders_fare_sum_1d"})
    changed = check_consistency([logged], RIDES.refs, rows, {}, other)
    # `dear` reads `usual`.
    assert (changed.compared - bare.compared, changed.other - bare.other) == (
        4 * len(record.rows),
        2 * len(record.rows),
    )
    logged.rows[0].features["share"] = 77.0
    (found,) = check_consistency([logged], RIDES.refs, rows, {}, RIDES).mismatches
    assert (found.feature, found.served, found.row) == ("share", 77.0, 0)
    assert found.keys == {name: record.rows[0].keys[name] for name in ("rider", "zone")}


GOOD = {
    "quoted": 5,
    "seats": 2,
    "pool": True,
    "kind": "x",
    "pickup": "2013-11-02T00:10:00Z",
    "rider": "a",
    "zone": "b",
}


@pytest.mark.parametrize(
    ("changed", "code", "told", "cure"),
    [
        ({"seats": None}, "null_not_allowed", "'seats' is null", "Expected an integer"),
        ({"seats": 2.0}, "wrong_type", "'seats' is a number", "Expected an integer"),
        ({"quoted": "5"}, "wrong_type", "'quoted' is text", "Expected a number or null"),
        ({"quoted": float("inf")}, "not_finite", "'quoted' is infinite", ""),
        ({"pool": 1}, "wrong_type", "'pool' is an integer", "boolean"),
        ({"pickup": "2013-11-02T00:10:00"}, "wrong_instant", "'pickup' is no instant", "zone"),
        ({"quotd": 5, "quoted": ...}, "missing_column", "lacks the column 'quoted'", "Did you mean 'quotd'"),
        ({"seets": 5}, "unknown_column", "'seets' that the model does not know", "Did you mean 'seats'"),
        ({"share": 0.5}, "not_overridable", "'share', which is derived", "Leave it out"),
        ({"usual": 0.5}, "not_overridable", "'usual', which is derived", "Leave it out"),
        ({"clock_hour": 5}, "not_overridable", "'clock_hour', which is fetched", "Leave it out"),
    ],
)
def test_what_a_request_gives_wrong_is_named_with_the_cure(bundle, changed, code, told, cure):
    row = {name: value for name, value in {**GOOD, **changed}.items() if value is not ...}
    with pytest.raises(RequestError) as refused:
        load_hosted("rides", 1, str(bundle)).signature.check([dict(GOOD), row])
    assert (refused.value.status, refused.value.row) == (400, 1)
    assert (refused.value.code, told in refused.value.message) == (code, True), refused.value.message
    assert cure in (refused.value.cure or ""), refused.value.cure


def test_a_model_without_features_derives_from_the_request_alone(tmp_path):
    made = TrainingSet(
        name="quotes",
        left=LeftTable("quotes"),
        timestamp="t",
        row_id="row",
        features=[],
        label=Label("y", horizon="1h"),
        inputs=[Input("price", "float64", known="0s"), Input("nights", "int64", known="0s")],
        derivations={"each": "price / nights"},
    )
    left = pl.DataFrame(
        {"row": range(60), "price": [float(n) for n in range(60)], "nights": [n % 4 for n in range(60)]}
    )
    left = left.with_columns(t=pl.lit(B), y=pl.col("nights") % 2)
    frame = build_training_set(made, left, SourceRows(Tables())).frame
    pipeline = Pipeline("quotes")
    pipeline["each"] >>= NaNToMean()
    pipeline >>= XGBClassifier(n_estimators=5, max_depth=3)
    pipeline.fit(frame, frame["y"])
    given_ = {"inputs": input_columns(pipeline, made), "derived": derived_inputs(pipeline, made)}
    save(pipeline, tmp_path / "one", model="quotes", example_rows=frame, **given_)
    hosted = load_hosted("quotes", 1, str(tmp_path / "one"))
    assert [each.name for each in hosted.signature.columns] == ["price", "nights"]
    store = LmdbOnlineStore(tmp_path / "online")
    streams = Streams(tmp_path / "streams", store)
    rows = [{"price": 9, "nights": 2}, {"price": 9, "nights": 0}]
    record = served(hosted, OnlineFetcher(store, streams), rows, B)
    assert [row.features for row in record.rows] == [{"each": 4.5}, {"each": None}]
    expected = load(tmp_path / "one").predict(pl.DataFrame({"each": [4.5, None]}))["probability"]
    assert [row.prediction["probability"] for row in record.rows] == pytest.approx(expected.to_list())
    streams.close()
    store.close()
