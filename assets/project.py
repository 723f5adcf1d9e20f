"""A project folder becomes assets: every definition by its factory, in the order of the data's way."""

from pathlib import Path

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from bighead.assets import keys
from bighead.assets.checking import checks_of
from bighead.assets.checking_values import score_checks, training_checks
from bighead.assets.features import calendar_spec, feature_asset, table_spec
from bighead.assets.layout import Layout
from bighead.assets.models import model_assets
from bighead.assets.monitoring import monitoring_assets
from bighead.assets.online import online_asset
from bighead.assets.release import release_assets
from bighead.assets.scores import score_assets
from bighead.assets.snapshots import snapshot_asset
from bighead.assets.training_sets import training_asset
from bighead.pipeline_lib.project import Project

Asset = dg.AssetsDefinition | dg.AssetSpec


def load_project(project: Path | str | Project) -> Project:
    """Return the project in a folder, or the one that was loaded already."""
    return project if isinstance(project, Project) else Project.load(project)


def asset_definitions(layout: Layout) -> dg.Definitions:
    """Return a project's assets, checks and jobs, without resources, schedules or sensors."""
    models = list(layout.project.models.values())
    assets: list[Asset] = [
        snapshot_asset(table, layout) if table in layout.snapshots else table_spec(table)
        for table in layout.tables
    ]
    assets += [calendar_spec(each) for each in layout.calendars]
    assets += [
        factory(each, layout) for each in layout.stored_sets for factory in (feature_asset, online_asset)
    ]
    assets += [training_asset(each, layout) for each in layout.project.training_sets.values()]
    for model in models:
        assets += [*model_assets(model, layout), *release_assets(model, layout)]
        assets += [*score_assets(model, layout), *monitoring_assets(model, layout)]
    checks = [checks_of(each) for each in layout.stored_sets]
    checks += [each for one in layout.project.training_sets.values() for each in training_checks(one)]
    checks += [each for model in models for each in score_checks(model)]
    return dg.Definitions(
        assets=assets,
        asset_checks=checks,
        jobs=[retrain_job(model.name, model.source.name) for model in models],
    )


def retrain_job(model: str, training_set: str) -> UnresolvedAssetJobDefinition:
    """Return the job that builds a week's rows, trains, evaluates and releases; a failed gate ends it."""
    parts = [keys.model(model, part) for part in ("artifact", "evaluation", "release")]
    return dg.define_asset_job(
        f"retrain_{model}",
        selection=dg.AssetSelection.assets(keys.training_set(training_set), *parts),
        description="Training rows, artifact, gates and release of one week.",
        tags={"bighead/model": model},
    )
