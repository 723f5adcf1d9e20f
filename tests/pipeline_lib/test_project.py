"""A project is a folder: its modules and YAML files, found and resolved by name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features import FeatureSet, TrainingSet
from bighead.pipeline_lib.project import Project

SETS = """
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
stays = FeatureSet(name="stays", owner="t", keys=["home"], source=EventSource("stays", "ts"),
                   aggregations=[Aggregation("nights", "sum", ["7d"])])
"""
TRAINING = """
from {package}.sets import stays
from bighead.pipeline_lib.features import Label, LeftTable, TrainingSet
views = TrainingSet(name="views", left=LeftTable("views", known={{"home": "0s"}}), timestamp="t", row_id="row",
                    features=[stays, "listed:price_max_1d"], label=Label("booked", "1d"))
"""
LISTED = """
name: listed
owner: t
keys: [home]
event_time: ts
source: {type: parquet, table: prices}
operation: max
windows: [1d]
features: {price: null}
"""
DATA = """
def prepare(warehouse):
    return {"stays": 3}
"""


@pytest.fixture
def folder(tmp_path, request):
    """A project of its own name a test, since a process imports a name once."""
    name = f"project_{abs(hash(request.node.name)) % 10**9}"
    root = tmp_path / name
    (root / "deep").mkdir(parents=True)
    (root / "__init__.py").write_text("")
    (root / "sets.py").write_text(SETS)
    (root / "training.py").write_text(TRAINING.format(package=name))
    (root / "deep" / "listed.yaml").write_text(LISTED)
    (root / "deep" / "other.yaml").write_text("attributes: {x: 1}\n")
    (root / "data.py").write_text(DATA)
    (root / "definitions.py").write_text("raise RuntimeError('Dagster only')")
    (root / "test_sets.py").write_text("raise RuntimeError('pytest only')")
    path = list(sys.path)
    yield root
    sys.path[:] = path
    for module in [each for each in sys.modules if each.split(".")[0] == name]:
        del sys.modules[module]


def test_modules_and_yaml_are_loaded_and_names_resolved(folder):
    project = Project.load(folder)
    assert (project.name, project.root) == (folder.name, folder)
    assert list(project.feature_sets) == ["listed", "stays"]
    assert project.training_sets["views"].input_columns == ("stays_nights_sum_7d", "listed_price_max_1d")
    assert project.models == {}
    assert project.prepare is not None
    assert project.prepare(Path("anywhere")) == {"stays": 3}


def test_loading_twice_gives_equal_definitions(folder):
    one, other = Project.load(folder), Project.load(folder)
    assert one.feature_sets == other.feature_sets
    assert one.training_sets == other.training_sets


def test_a_project_without_modules_is_empty(tmp_path):
    root = tmp_path / "bare_project"
    root.mkdir()
    project = Project.load(root)
    assert (project.feature_sets, project.training_sets, project.prepare) == ({}, {}, None)
    del sys.modules["bare_project"]


def test_two_sets_of_one_name_collide(folder):
    (folder / "twice.yaml").write_text(LISTED.replace("price", "cost"))
    with pytest.raises(NameCollisionError, match="two feature sets are called 'listed'"):
        Project.load(folder)


def test_an_error_in_yaml_names_its_file(folder):
    (folder / "deep" / "listed.yaml").write_text(LISTED.replace("max", "maxx"))
    with pytest.raises(
        UnknownNameError, match=r"listed\.yaml:7: no operation is called 'maxx'. Did you mean 'max'"
    ):
        Project.load(folder)


WRONG = [
    (
        "Aggregation('price', 'summ', windows=['7d'])",
        UnknownNameError,
        "no operation is called 'summ'. Did you mean 'sum'",
    ),
    (
        "Aggregation('price', 'sum', window=['7d'])",
        DefinitionError,
        "TypeError: .*'window'. Did you mean 'windows'",
    ),
    (
        "Agregation('price')",
        DefinitionError,
        "NameError: .*'Agregation' is not defined. Did you mean 'Aggregation'",
    ),
    ("1 / 0", DefinitionError, "ZeroDivisionError: division by zero. Correct this line"),
    ("__import__('no_such_thing')", DefinitionError, "ModuleNotFoundError: No module.*Install it"),
    ("(", DefinitionError, "SyntaxError: '\\(' was never closed"),
]


@pytest.mark.parametrize(("line", "kind", "told"), WRONG)
def test_an_error_in_a_module_names_its_file_and_line(folder, line, kind, told):
    (folder / "deep" / "wrong.py").write_text(f"from bighead import Aggregation\n\nmade = {line}\n")
    place = rf"^{folder.name}/deep/wrong\.py:3: "
    with pytest.raises(kind, match=place + told):
        Project.load(folder)
    # Corrected it loads: nothing of the failed import stays.
    (folder / "deep" / "wrong.py").write_text("made = 1\n")
    assert Project.load(folder).feature_sets


def test_an_error_in_what_a_module_calls_names_the_line_of_the_call_nearest_to_it(folder):
    (folder / "made.py").write_text("def made(n):\n    return 1 // n\n")
    (folder / "wrong.py").write_text(f"from {folder.name}.made import made\n\nmade(0)\n")
    with pytest.raises(DefinitionError, match=rf"^{folder.name}/made\.py:2: ZeroDivisionError"):
        Project.load(folder)


def test_a_folder_that_is_not_there(folder):
    with pytest.raises(UnknownNameError, match=f"Did you mean '{folder.name}'"):
        Project.load(folder.with_name(folder.name[:-1]))


def test_a_folder_that_has_another_packages_name(tmp_path):
    (tmp_path / "json").mkdir()
    with pytest.raises(DefinitionError, match="already imported"):
        Project.load(tmp_path / "json")


def test_the_flights_are_a_project():
    project = Project.load(Path(__file__).parents[2] / "examples" / "flights")
    assert project.name == "flights"
    assert all(isinstance(each, FeatureSet) for each in project.feature_sets.values())
    assert all(isinstance(each, TrainingSet) for each in project.training_sets.values())
    assert {"carrier", "planes"} <= set(project.feature_sets)
