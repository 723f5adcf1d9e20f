"""A registry whose artifacts have bundles with evaluations, and an app that serves its pages."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from litestar import Litestar
from litestar.di import Provide

from bighead.pipeline_lib.evaluation import evaluate
from bighead.pipeline_lib.features import (
    Aggregation,
    Catalog,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.features.plain import to_plain
from bighead.pipeline_lib.features.published import Published, PublishedModel
from bighead.pipeline_lib.profiles import Profile
from bighead.pipeline_lib.quality import NullRate, Volume
from bighead.pipeline_lib.quality.judging import Failing, Verdict
from bighead.pipeline_lib.quality.ledger import record_verdicts
from bighead.resources.profile_store import FileProfileStore
from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings
from bighead.serving import catalogue_api, registry_api, ui

END = datetime(2013, 10, 18, tzinfo=UTC)
CARRIER = FeatureSet(
    name="carrier",
    owner="team:flights",
    keys=["carrier"],
    source=EventSource(table="arrivals", event_time="event_time", event_id="event_id"),
    aggregations=[Aggregation("arr_delay", "average", windows=("3h", "7d"))],
    docs={"arr_delay": "minutes late"},
)


def curves(strength: float) -> dict[str, Any]:
    """Curves of made scores that separate better the higher `strength` is."""
    draw = np.random.default_rng(7)
    labels = draw.random(4000) < 0.24
    scores = 1 / (1 + np.exp(-(draw.normal(size=4000) - 1.4 + strength * labels)))
    measured = evaluate(labels, scores).to_dict()
    return {
        **measured,
        "importance": {f"origin_arr_delay_average_{i}h": 1 / (i + 1) ** 0.7 for i in range(60)},
    }


def write_bundle(folder: Path, number: int) -> None:
    folder.mkdir(parents=True)
    (folder / "evaluation.json").write_text(json.dumps(curves(0.6 + number / 10)))
    origins = [
        ("carrier", "key"),
        ("distance", "context"),
        ("carrier_arr_delay_average_7d", "feature:carrier"),
    ]
    manifest = {
        "content_hash": f"{number:064x}",
        "inputs": [
            {"name": name, "dtype": "string", "nullable": True, "origin": origin} for name, origin in origins
        ],
        "key_columns": ["carrier", "tailnum"],
        "feature_sets": [to_plain(CARRIER)],
        "provenance": {"git_commit": "4f1c2d9", "seed": 0, "rows": 240_113},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    row = {"carrier": "B6", "distance": 1400, "carrier_arr_delay_average_7d": 3.5}
    (folder / "example.json").write_text(json.dumps({"rows": [row]}))
    (folder / "pipeline.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="80">'
        '<rect width="600" height="80" fill="#dde"/></svg>'
    )


@pytest.fixture
def registry(settings: Settings) -> Iterator[RegistryStore]:
    """An empty registry whose loader believes every bundle."""
    store = RegistryStore(settings.registry_url, loader_command=(sys.executable, "-c", ""))
    yield store
    store.close()


@pytest.fixture
def flights(registry: RegistryStore, settings: Settings) -> RegistryStore:
    """Four weekly artifacts: the second failed its gate, the first and the third were active in turn."""
    config = {
        "description": "Will this flight out of New York arrive more than 15 minutes late?",
        "tags": ["xgboost", "weekly"],
        "gates": [{"metric": "roc_auc", "at_least": 0.7}],
    }
    registry.ensure_model("flight_late", "ana", "flights", config)
    for number, auc in enumerate([0.7321, 0.6544, 0.7415, 0.7433], start=1):
        folder = settings.artifacts / f"{number:064x}"
        write_bundle(folder, number)
        registry.register(
            "flight_late",
            content_hash=f"{number:064x}",
            location=str(folder),
            data_interval=(datetime(2013, 1, 1, tzinfo=UTC), END + timedelta(days=7 * number)),
            metrics={"roc_auc": auc, "pr_auc": auc - 0.27, "log_loss": 0.49, "brier": 0.158, "ece": 0.0123},
            metadata={"run": "2f6c"},
            code_version="4f1c2d9",
            partition=f"{END + timedelta(days=7 * number):%Y-%m-%d}",
        )
        registry.record_check("flight_late", number, "roc_auc", auc > 0.7, {"seen": auc, "at_least": 0.7})
        registry.record_check(
            "flight_late", number, "reproduces", True, "the stored example gives the stored answer"
        )
        if auc > 0.7:
            registry.release("flight_late", number)
    registry.promote("flight_late", 1, actor="ana", reason="first model")
    registry.promote("flight_late", 3, actor="dagster", reason="gates passed")
    return registry


def arrivals(number: int) -> pl.DataFrame:
    """A day of arrivals, some without a delay, their delays growing."""
    draw = np.random.default_rng(number)
    at = pl.Series([datetime(2013, 10, 1 + number, 6 + n % 12, tzinfo=UTC) for n in range(300)])
    frame = pl.DataFrame({"carrier": draw.choice(["UA", "B6", "<b>"], 300), "event_time": at})
    delays = pl.Series(draw.normal(5 + number, 20, 300)).set(pl.Series(draw.random(300) < 0.1), None)
    return frame.with_columns(
        pl.col("event_time").alias("available_at"),
        pl.Series("event_id", [f"{number}-{n}" for n in range(300)]),
        delays.alias("arr_delay"),
    )


@pytest.fixture
def catalogue(settings: Settings) -> FileProfileStore:
    """Ten days of profiles of `carrier`, two weeks of a training set, verdicts, and the published project."""
    profiles = FileProfileStore.beside(settings.offline)
    for number in range(10):
        day = f"2013-10-{1 + number:02}"
        profiles.write("features", "carrier", day, "s", Profile.of(arrivals(number)))
    for number, week in enumerate(["2013-10-04", "2013-10-11"]):
        values = arrivals(number)["arr_delay"].alias("carrier_arr_delay_average_7d")
        profiles.write("training_sets", "flights", week, "s", Profile.of(values.to_frame()))
    judged = replace(CARRIER, checks=[NullRate("arr_delay", max=0.05), Volume(min_rows=1)])
    failing = (Failing("2013-10-02", "9.00% null"), Failing("2013-10-03", "11.00% null"))
    verdicts = [
        Verdict("null_rate_arr_delay", "warn", "at most 5%", "2013-10-02: 9.00% null", failing, 10),
        Verdict("volume", "warn", "a day has at least 1 rows", "so on 10 days", (), 10),
    ]
    record_verdicts(profiles, judged, verdicts, END)
    history = [{"at": END.isoformat(), "refused": True, "changes": ["arrivals.delay: removed (Float64)"]}]
    profiles.note("features", "carrier", "schema", {"history": history})
    training = TrainingSet(
        name="flights",
        left=LeftTable("departures", known={"carrier": "0s"}),
        timestamp="t",
        row_id="id",
        features=[judged],
        label=Label("late", horizon="2h"),
    )
    models = (PublishedModel("flight_late", "flights", "ana", "", ("carrier_arr_delay_average_7d",)),)
    published = Published("shop", "/projects/shop", Catalog([judged], [training]), models)
    folder = settings.offline / "catalogue"
    folder.mkdir(parents=True)
    (folder / "shop.json").write_text(json.dumps(published.to_plain()))
    return profiles


@pytest.fixture
def make_app(settings: Settings) -> Callable[[RegistryStore], Litestar]:
    """Return an app of nothing but the registry's REST and pages."""

    def make(store: RegistryStore) -> Litestar:
        return Litestar(
            [*registry_api.route_handlers(), *catalogue_api.route_handlers(), *ui.route_handlers()],
            dependencies={
                "registry": Provide(lambda: store, sync_to_thread=False),
                "settings": Provide(lambda: settings, sync_to_thread=False),
            },
            template_config=ui.template_config(),
            openapi_config=None,
        )

    return make
