"""The flights folder is a project like any user's: it loads, trains and can be quoted."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.point_in_time import SourceRows, build_training_set
from bighead.pipeline_lib.project import Project
from bighead.resources.sources import Warehouse

FOLDER = Path(__file__).parents[2] / "examples" / "flights"
SETS = ["carrier", "congestion", "departure", "dest", "origin", "planes", "route", "routes", "tail"]


@pytest.fixture(scope="module")
def project() -> Project:
    return Project.load(FOLDER)


@pytest.fixture(scope="module")
def sample(project: Project, warehouse: Path) -> pl.DataFrame:
    training_set, tables = project.training_sets["flights"], Warehouse(warehouse)
    left = tables.scan(training_set.left.table).collect().gather_every(12)
    return build_training_set(training_set, left, SourceRows(tables)).frame


def test_the_project_defines_what_its_readme_says(project: Project) -> None:
    from flights import data

    assert project.name == "flights"
    assert sorted(project.feature_sets) == [*SETS, "weather"]
    assert list(project.training_sets) == ["flights"]
    assert list(project.models) == ["flight_late"]
    assert project.prepare is data.prepare


def test_every_feature_is_documented(project: Project) -> None:
    silent = [
        feature.name for each in project.feature_sets.values() for feature in each.features if not feature.doc
    ]
    assert silent == []


def test_the_yaml_set_says_what_the_python_sets_say(project: Project) -> None:
    by_origin = FeatureSet.from_yaml(FOLDER / "arrivals_by_origin.yaml")
    by_carrier = project.feature_sets["carrier"]
    assert project.feature_sets["origin"] == by_origin
    told = {feature.name.removeprefix("origin_") for feature in by_origin.features}
    assert {feature.name.removeprefix("carrier_") for feature in by_carrier.features} <= told
    assert by_origin.source.select == by_carrier.source.select  # type: ignore[union-attr]


def test_weekly_partitions_end_where_november_begins(project: Project) -> None:
    fit = project.models["flight_late"].fit_config
    start = date.fromisoformat(fit.start_date)
    assert fit.schedule == "0 0 * * 5"
    assert (date(2013, 11, 1) - start).days % 7 == 0
    assert start.isoweekday() == 5


def test_definitions_are_four_lines() -> None:
    lines = (FOLDER / "definitions.py").read_text().split('"""')[2].split("\n")
    assert len([line for line in lines if line.strip()]) <= 4


def test_the_four_figures_rise_as_the_readme_says(sample: pl.DataFrame) -> None:
    """On every twelfth flight: each group of inputs adds something, and the figures are whole."""
    from flights.quote import GROUPS, quote

    figures = quote(sample, seeds=1)
    auc = figures["roc_auc"]
    assert list(auc) == list(GROUPS)
    assert 0.55 < auc["calendar"] < auc["weather"] < auc["all"]
    assert auc["calendar"] < auc["windows"] < auc["all"] < 0.80
    assert set(figures["importance"]) == set(GROUPS["all"])
    assert 0 < figures["pr_auc"] < 1
    assert 0 <= figures["ece"] < 0.1
    assert figures["train_rows"] + figures["test_rows"] < sample.height


def test_shuffled_labels_cannot_be_learned(sample: pl.DataFrame) -> None:
    """A figure well above one half here would mean that the label leaks through the rows themselves."""
    from flights.quote import quote

    guessing = quote(sample.with_columns(pl.col("late").shuffle(seed=3)), seeds=1, groups=["all"])
    assert 0.45 < guessing["roc_auc"]["all"] < 0.55


def test_inputs_that_are_gone_are_seen_and_days_too_short_to_calibrate_keep_the_custom(
    sample: pl.DataFrame,
) -> None:
    from flights.alarms import WEEKS, alarms

    figures = alarms(sample, WEEKS[-1:])
    assert figures["seen"]["gone"] == 1.0
    assert figures["beyond_usual"] == figures["by_custom"]
