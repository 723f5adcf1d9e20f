"""Tensors and categories from the table and from the stream: stored, uploaded, joined larger than memory, served."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bighead.pipeline_lib.errors import RequestError
from bighead.pipeline_lib.features import (
    Aggregation,
    Categorical,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    Tensor,
    TrainingSet,
)
from bighead.pipeline_lib.point_in_time import (
    Memory,
    SourceRows,
    StoreRows,
    answers_at,
    backfill,
    build_training_set,
    training_rows,
    values_at,
)
from bighead.pipeline_lib.profiles import Profile
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.settings import Settings
from bighead.resources.sources import Warehouse
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher
from bighead.session import Session

B = datetime(2024, 1, 4, tzinfo=UTC)
VIEWS = FeatureSet(
    name="views",
    owner="t",
    keys=["user"],
    source=EventSource(
        "views", "ts", available_at="heard", event_id="id", stream="views", start_date="2024-01-01"
    ),
    aggregations=[
        Aggregation("emb", "last", ["3d"]),
        Aggregation("emb", "last_k", ["3d"], k=2),
        Aggregation("grid", "first", ["3d"]),
        Aggregation("emb", "last", ["3d"], where="kind = 'seen'", name="seen"),
        Aggregation("kind", "mode", ["3d"]),
        Aggregation("emb", "count", ["3d"], empty=0),
    ],
    derivations={"numbers": "ARRAY_LENGTH(emb_last_3d)", "second": "emb_last_3d[2]"},
    types={
        "emb": Tensor([3], "float32"),
        "grid": Tensor([2, 2], "int64", invalid="null"),
        "kind": Categorical(["seen", "bought", "rest"], unknown="rest"),
    },
)


def view(n: int, at: datetime) -> dict[str, Any]:
    return {
        "id": f"v{n}",
        "user": "ab"[n % 2],
        "ts": at,
        "heard": at,
        "emb": None if n % 7 == 3 else [n / 8, -n / 8, 0.5],
        # A row of it lacks now and then.
        "grid": [[n, 1], [2, 3]] if n % 5 else [[n, 1]],
        "kind": ["seen", "bought", "swiped"][n % 3],
    }


BEFORE = [view(n, B - timedelta(hours=60 - n)) for n in range(50)]
AFTER = [view(n, B + timedelta(minutes=n - 50)) for n in range(50, 60)]
SCHEMA = {"emb": pl.List(pl.Float32), "grid": pl.List(pl.List(pl.Int32))}


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema_overrides=SCHEMA)


@pytest.fixture
def stored(tmp_path) -> tuple[Warehouse, DeltaOfflineStore]:
    warehouse = tmp_path / "warehouse"
    warehouse.mkdir()
    table(BEFORE).write_parquet(warehouse / "views.parquet")
    tables, store = Warehouse(warehouse), DeltaOfflineStore(tmp_path / "offline")
    days = [(B - timedelta(days=n)).date() for n in (3, 2, 1)]
    assert sum(backfill(VIEWS, days, tables, store).values()) == 50
    return tables, store


def asked(at: datetime) -> pl.DataFrame:
    return pl.DataFrame({"user": ["a", "b", None, "nobody"], AT: [at] * 4}, schema_overrides={AT: _UTC})


_UTC = pl.Datetime("us", "UTC")


def test_what_streams_and_tables_say_is_served_as_training_sees_it(kept_store, stored, tmp_path):
    tables, store = stored
    rows = StoreRows(store).rows(VIEWS, None, B)
    assert {rows.schema["emb"], rows.schema["grid"]} == {pl.Binary()}
    assert rows.sort("event_id").equals(SourceRows(tables).rows(VIEWS, None, B).sort("event_id"))
    kept_store.put_generation(VIEWS, B, rows, {})
    streams = Streams(tmp_path / "streams", kept_store)
    try:
        streams.ingest("views", AFTER)
        for wrong in ([1.0, 2.0], "text", [1.0, None, 2.0], [[1.0, 2.0, 3.0]]):
            with pytest.raises(RequestError):
                streams.ingest("views", [{**view(99, B), "emb": wrong}])
        fetcher = OnlineFetcher(kept_store, streams)
        both = StoreRows(store).rows(VIEWS, None, B)
        both = pl.concat([both, SourceRows(_Tables(table(AFTER))).rows(VIEWS, None, B + timedelta(days=1))])
        for minutes in (0, 5, 30):
            at = B + timedelta(minutes=minutes)
            expected = answers_at(asked(at), VIEWS.on(), both, AT)
            keys = [{"user": user} for user in ("a", "b", None, "nobody")]
            fetched = fetcher.fetch([VIEWS.on()], keys, microseconds(at))
            assert fetched.features == expected.values.to_dicts()
            told = expected.statuses.to_dicts()
            assert fetched.statuses == [{n: s for n, s in each.items() if s != "present"} for each in told]
            types = dict(fetcher.types([VIEWS.on()]))
            assert types == dict(expected.values.schema)
            for wire in (msgspec.json, msgspec.msgpack):
                assert wire.decode(wire.encode(fetched.features)) == fetched.features
        first = fetched.features[0]
        assert first["views_emb_last_3d"] == AFTER[8]["emb"]
        assert first["views_emb_last2_3d"] == [AFTER[8]["emb"], AFTER[6]["emb"]]
        assert first["views_grid_first_3d"] == BEFORE[2]["grid"]
        assert (first["views_numbers"], first["views_second"]) == (3, AFTER[8]["emb"][1])
        assert first["views_kind_mode_3d"] in ("seen", "bought", "rest")
    finally:
        streams.close()


class _Tables(dict[str, pl.DataFrame]):
    def __init__(self, views: pl.DataFrame) -> None:
        super().__init__(views=views)

    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return ""


def test_training_rows_hold_lists_from_memory_from_files_and_from_the_store(stored, tmp_path):
    tables, store = stored
    asking = TrainingSet(
        name="asked",
        left=LeftTable("asked", known={"user": "0s"}),
        timestamp="t",
        row_id="row",
        features=[VIEWS],
        label=Label("y", "1d"),
    )
    left = pl.DataFrame(
        [("ab"[n % 2], n, n % 2, B - timedelta(minutes=71 * n)) for n in range(40)],
        schema={"user": pl.String, "row": pl.Int64, "y": pl.Int64, "t": _UTC},
        orient="row",
    )
    whole = build_training_set(asking, left, SourceRows(tables)).frame
    assert whole["views_emb_last_3d"].dtype == pl.List(pl.Float64)
    assert whole["views_grid_first_3d"].dtype == pl.List(pl.List(pl.Int64))
    with training_rows(asking, left, StoreRows(store), Memory(1, tmp_path / "spill")) as rows:
        assert_frame_equal(rows.collect(), whole)
    store.write_partition("training_sets", "asked", "2024-01-01", whole)
    assert_frame_equal(store.read_partition("training_sets", "asked", "2024-01-01"), whole)
    assert Profile.of(whole).rows == Profile.of(StoreRows(store).rows(VIEWS, None, B)).rows - 10


def test_people_see_lists(stored, tmp_path):
    with Session(Settings(home=tmp_path, clock="replay:2024-01-04T00:00Z")) as session:
        at = B - timedelta(minutes=30)
        seen = VIEWS.preview(at=at).sort("user")
        assert session.used["views"] == "offline store"
        made = VIEWS.trace("emb_last_3d", {"user": "a"}, at)
    wanted, _ = values_at(asked(at).head(2), VIEWS.on(), StoreRows(stored[1]).rows(VIEWS, None, B), AT)
    assert seen["views_emb_last_3d"].to_list() == wanted["views_emb_last_3d"].to_list()
    assert made["emb"].to_list() == [wanted["views_emb_last_3d"][0].to_list()]
    assert made["grid"].dtype == pl.List(pl.List(pl.Int64))
