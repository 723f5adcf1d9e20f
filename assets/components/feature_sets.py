"""A feature set written in a `defs.yaml`, in our YAML form or the Bighead paper's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from pydantic import field_validator

from bighead.assets.layout import Layout
from bighead.assets.project import asset_definitions
from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.features import Catalog, FeatureSet
from bighead.pipeline_lib.features.yaml_form import from_yaml
from bighead.pipeline_lib.project import Project
from bighead.resources.dagster_bindings import default_resources
from bighead.resources.settings import Settings


class FeatureSetComponent(dg.Component, dg.Model, dg.Resolvable):
    """One feature set, as assets: its day partitions and its generations in the online store.

    ```yaml
    type: bighead.assets.components.FeatureSetComponent
    attributes:
      feature_set:
        name: bookings
        owner: team:homes
        keys: [listing]
        source: {table: bookings, event_time: ts, start_date: "2026-01-01"}
        aggregations: [{column: nights, operation: sum, windows: [7d, 30d]}]
    ```
    """

    feature_set: Mapping[str, Any]
    """The definition, in the form of a feature set's YAML file; its source needs a start_date."""

    @field_validator("feature_set")
    @classmethod
    def check(cls, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """Refuse what cannot be a feature set, with the sentence that says the cure."""
        try:
            parse(value)
        except BigheadError as error:
            raise ValueError(str(error)) from error
        return value

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Return the set's assets over the embedded stores of the settings."""
        settings = Settings()
        catalog = Catalog([parse(self.feature_set)])
        layout = Layout(Project(Path(context.path).name, Path(context.path), catalog, {}), settings)
        resources = dg.Definitions(resources=default_resources(settings))
        return dg.Definitions.merge(asset_definitions(layout), resources)


def parse(value: Mapping[str, Any]) -> FeatureSet:
    """Return the frozen definition that a YAML mapping means; it never inherits from Dagster.

    Raises:
        DefinitionError: it cannot be a feature set.
    """
    return from_yaml(yaml.safe_dump(dict(value), sort_keys=False), where="defs.yaml")
