"""What both servers load: the same keys, from a plain start, quickly, without a stub and without a network."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from bighead.pipeline_lib.errors import DefinitionError
from bighead.resources.settings import Settings

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
LOAD_SECONDS = 5.0
# Another process may hold the processors; the limit is what a person waits on a machine of their own.
MARGIN = 4.0

CLOCK = "replay:2013-11-01T00:00Z"


def definitions(settings: Settings) -> dg.Definitions:
    from bighead.definitions import project_definitions

    return project_definitions(ROOT / "examples" / "flights", settings)


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return definitions(Settings(home=tmp_path_factory.mktemp("home"), clock=CLOCK))


def test_no_asset_is_a_stub_that_nobody_defined(flights):
    known = flights.get_repository_def().assets_defs_by_key
    assert [key for key, asset in known.items() if asset.is_auto_created_stub] == []


def test_the_keys_are_those_of_the_design(flights):
    keys = {key.to_user_string() for key in flights.resolve_all_asset_keys()}
    model = {f"models/flight_late/{part}" for part in ("artifact", "evaluation", "release", "active")}
    monitors = {f"monitoring/flight_late/{part}" for part in ("drift", "consistency", "performance")}
    assert model | monitors | {"scores/flight_late", "scores/flight_late/uploaded"} <= keys
    assert {"features/carrier", "features/carrier/online", "training_sets/flights"} <= keys
    assert "features/departure" in keys
    assert "features/departure/online" not in keys, "a calendar has no rows to upload"


def test_every_asset_has_an_owner_kinds_tags_group_and_description(flights):
    for spec in flights.resolve_all_asset_specs():
        if spec.key.path[0] != "warehouse":
            assert spec.owners, spec.key
        assert spec.kinds, spec.key
        assert spec.tags.get("bighead/step"), spec.key
        assert spec.group_name not in (None, "default"), spec.key
        assert spec.description, spec.key


def test_a_replay_ends_where_its_clock_stands(flights):
    graph = flights.resolve_asset_graph()
    for path in (["features", "carrier"], ["features", "carrier", "online"], ["scores", "flight_late"]):
        partitions = graph.get(dg.AssetKey(path)).partitions_def
        assert partitions is not None
        assert partitions.get_partition_keys()[-1] == "2013-10-31"
    weeks = graph.get(dg.AssetKey(["models", "flight_late", "artifact"])).partitions_def
    assert weeks is not None
    assert weeks.get_partition_keys()[-1] == "2013-10-25", "the week that ends where November begins"


def test_no_two_assets_share_an_operation(flights):
    names = [
        node.name
        for asset in flights.assets or []
        if isinstance(asset, dg.AssetsDefinition)
        for node in [asset.node_def]
    ]
    assert len(names) == len(set(names))


def test_names_that_would_clash_are_refused_before_dagster_sees_them():
    from bighead.pipeline_lib.features.naming import check_name

    with pytest.raises(DefinitionError, match="single _"):
        check_name("model", "a__b")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "assets").rglob("*.py")) + sorted((ROOT / "sensors").rglob("*.py")), ids=str
)
def test_decorated_functions_keep_the_rules_that_dagster_needs(path):
    """Annotations as text break Dagster; an asset without a result annotation asks an IO manager to keep None."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.module != "__future__", "Dagster reads annotations while it decorates"
        if isinstance(node, ast.FunctionDef) and any(
            "dg.asset(" in ast.unparse(each) for each in node.decorator_list
        ):
            assert node.returns is not None
            assert ast.unparse(node.returns).startswith("dg.MaterializeResult")
            assert (node.end_lineno or 0) - node.body[0].lineno + 1 <= 15, (
                f"{node.name} belongs into plain functions"
            )


def child(arguments: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **{
            name: value for name, value in os.environ.items() if not name.startswith(("BIGHEAD_", "DAGSTER_"))
        },
        "BIGHEAD_HOME": str(home / "bighead"),
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "BIGHEAD_CLOCK": CLOCK,
        # Whoever reaches for a network meets a closed door.
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "DG_CLI_DISABLE_UPDATE_CHECK": "1",
        # What `uv run` sets.
        "VIRTUAL_ENV": sys.prefix,
    }
    return subprocess.run(
        arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240
    )


def test_loading_takes_under_five_seconds_and_warns_of_nothing(tmp_path):
    script = (
        "import time; start = time.perf_counter()\n"
        "from bighead.definitions import defs\n"
        "defs().resolve_asset_graph(); defs().get_repository_def()\n"
        "print(time.perf_counter() - start)"
    )
    ended = child([sys.executable, "-W", "always", "-c", script], tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert float(ended.stdout.split()[-1]) < LOAD_SECONDS * MARGIN
    ours = [line for line in ended.stderr.splitlines() if "bighead" in line.lower() and "Warning" in line]
    assert ours == []


@pytest.mark.slow
def test_dagster_and_dg_load_the_same_keys_from_a_plain_start(tmp_path, flights):
    expected = {key.to_user_string() for key in flights.resolve_all_asset_keys()}
    listed = child([str(BIN / "dg"), "list", "defs", "--json"], tmp_path)
    assert listed.returncode == 0, listed.stderr
    by_dg = {each["asset_key"] for each in json.loads(listed.stdout)["assets"]}
    script = (
        "import json\n"
        "from dagster._core.workspace.load_target import WorkspaceFileTarget\n"
        "from dagster._core.workspace.load import load_workspace_process_context_from_yaml_paths as load\n"
        "import dagster as dg\n"
        "with dg.DagsterInstance.get() as instance, load(instance, ['workspace.yaml']) as process:\n"
        "    context = process.create_request_context()\n"
        "    errors = [e.load_error for e in context.get_code_location_entries().values() if e.load_error]\n"
        "    keys = [k.to_user_string() for k in context.asset_graph.get_all_asset_keys()]\n"
        "print(json.dumps({'keys': keys, 'errors': [str(e) for e in errors]}))"
    )
    loaded = child([sys.executable, "-c", script], tmp_path)
    assert loaded.returncode == 0, loaded.stderr
    by_workspace = json.loads(next(line for line in loaded.stdout.splitlines() if line.startswith("{")))
    assert by_workspace["errors"] == []
    assert set(by_workspace["keys"]) == by_dg == expected
    for ended in (listed, loaded):
        assert [line for line in ended.stderr.splitlines() if "Warning" in line] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["dg", "check", "yaml"],
        ["dg", "list", "components"],
        ["dagster", "definitions", "validate", "-w", "workspace.yaml"],
    ],
)
def test_the_command_line_tools_are_content(tmp_path, command):
    ended = child([str(BIN / command[0]), *command[1:]], tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    if command[1:] == ["list", "components"]:
        assert "bighead.assets.components.FeatureSetComponent" in ended.stdout
