"""A project folder as a component; its schedules and sensors are left to `bighead.definitions`."""

from pathlib import Path

import dagster as dg

from bighead.assets.layout import Layout
from bighead.assets.project import asset_definitions
from bighead.pipeline_lib.project import Project
from bighead.resources.dagster_bindings import default_resources
from bighead.resources.settings import Settings


class ProjectComponent(dg.Component, dg.Model, dg.Resolvable):
    """Every feature set, training set and model of a project folder, as assets.

    ```yaml
    type: bighead.assets.components.ProjectComponent
    attributes:
      path: ../../flights
    ```
    """

    path: str
    """The project's folder, relative to the defs.yaml file."""

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Return the folder's assets, checks and jobs, over the embedded stores of the settings."""
        settings = Settings()
        layout = Layout(Project.load(Path(context.path) / self.path), settings)
        resources = dg.Definitions(resources=default_resources(settings))
        return dg.Definitions.merge(asset_definitions(layout), resources)
