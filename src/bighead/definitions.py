"""What Dagster loads: the project that BIGHEAD_PROJECT names, as assets, checks, jobs, schedules and sensors.

`workspace.yaml` (for `dagster dev`) and `dg.toml` (for `dg dev`) both point here. A project's own
`definitions.py` calls `project_definitions` itself.
"""

from pathlib import Path

import dagster as dg

from bighead.assets.compute import check_compute
from bighead.assets.layout import Layout
from bighead.assets.project import asset_definitions, load_project
from bighead.pipeline_lib.project import Project
from bighead.resources.dagster_bindings import default_resources
from bighead.resources.settings import Settings
from bighead.sensors.alerts import alert_sensor
from bighead.sensors.promotion import promotion_sensor
from bighead.sensors.schedules import schedules


def project_definitions(project: Path | str | Project, settings: Settings | None = None) -> dg.Definitions:
    """Return everything that Dagster runs of one project; loading reads definitions, no data, no network.

    Raises:
        DefinitionError: the project has a definition that cannot be.
        MissingExtraError, StoreError: a definition or a setting asks for Spark, which cannot start here.
    """
    chosen = settings or Settings()
    layout = Layout(load_project(project), chosen)
    check_compute(layout)
    assets = asset_definitions(layout)
    sensors = [alert_sensor(chosen.root / "alerts", chosen.now_clock)]
    if layout.project.models:
        sensors.append(promotion_sensor(sorted(layout.project.models)))
    moving = dg.Definitions(
        schedules=schedules(layout, assets), sensors=sensors, resources=default_resources(chosen)
    )
    return dg.Definitions.merge(assets, moving)


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the project in the settings."""
    settings = Settings()
    return project_definitions(settings.project, settings)
