from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster.components.testing import create_defs_folder_sandbox
from pydantic import ValidationError

from bighead.assets.components import FeatureSetComponent, ProjectComponent
from bighead.pipeline_lib.errors import BigheadError

# Dagster parses defs.yaml with a function that pydantic has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")

SMALL = Path(__file__).parent / "project_small"
BOOKINGS = {
    "name": "bookings",
    "owner": "team:homes",
    "keys": ["listing"],
    "source": {"table": "bookings", "event_time": "ts", "start_date": "2026-01-01"},
    "aggregations": [{"column": "nights", "operation": "sum", "windows": ["7d", "30d"]}],
}


def keys(defs: dg.Definitions) -> set[str]:
    return {key.to_user_string() for key in defs.resolve_all_asset_keys()}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("BIGHEAD_HOME", str(tmp_path / "home"))


def test_a_feature_set_in_yaml_becomes_the_assets_that_python_gives():
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(
            component_cls=FeatureSetComponent,
            defs_yaml_contents={
                "type": "bighead.assets.components.FeatureSetComponent",
                "attributes": {"feature_set": BOOKINGS},
            },
        )
        with sandbox.load_component_and_build_defs(defs_path=path) as (component, defs):
            assert isinstance(component, FeatureSetComponent)
            assert keys(defs) == {"warehouse/bookings", "features/bookings", "features/bookings/online"}
            spec = next(s for s in defs.resolve_all_asset_specs() if s.key.path == ["features", "bookings"])
            assert "bookings_nights_sum_30d" in (spec.description or "")


def test_a_wrong_definition_is_refused_with_the_cure():
    wrong = BOOKINGS | {"aggregations": [{"column": "nights", "operation": "summ", "windows": ["7d"]}]}
    with pytest.raises(ValidationError, match="Did you mean 'sum'"):
        FeatureSetComponent(feature_set=wrong)


def test_the_paper_form_is_accepted():
    paper = {
        "name": "bookings",
        "owner": "team:homes",
        "keys": ["listing"],
        "event_time": "ts",
        "source": {
            "type": "hive",
            "query": "SELECT listing, ts, nights FROM stays WHERE ds >= '{{ start_date }}'",
            "dependencies": ["stays"],
            "start_date": "2010-01-01",
        },
        "operation": "sum",
        "windows": ["7d", "14d"],
        "features": {"nights": "Total number of nights booked"},
    }
    defs = dg.build_defs_for_component(FeatureSetComponent(feature_set=paper))
    assert keys(defs) == {"warehouse/stays", "features/bookings", "features/bookings/online"}


def test_a_project_folder_is_a_component():
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(
            component_cls=ProjectComponent,
            defs_yaml_contents={
                "type": "bighead.assets.components.ProjectComponent",
                "attributes": {"path": str(SMALL)},
            },
        )
        with sandbox.load_component_and_build_defs(defs_path=path) as (_, defs):
            assert {"features/purchase", "models/buys/active", "monitoring/buys/drift"} <= keys(defs)


def test_a_set_without_a_first_day_says_so():
    undated = BOOKINGS | {"source": {"table": "bookings", "event_time": "ts"}}
    with pytest.raises(BigheadError, match="start_date"):
        dg.build_defs_for_component(FeatureSetComponent(feature_set=undated))
