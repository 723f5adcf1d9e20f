"""Front doors for YAML: `defs.yaml` files become the same definitions as Python's (`dg list components`)."""

from bighead.assets.components.feature_sets import FeatureSetComponent
from bighead.assets.components.project import ProjectComponent

__all__ = ["FeatureSetComponent", "ProjectComponent"]
