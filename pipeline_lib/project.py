"""A user's project: a folder of definitions, loaded by importing its modules and reading its YAML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.features import Catalog, FeatureSet, TrainingSet
from bighead.pipeline_lib.features.catalog import by_name
from bighead.pipeline_lib.features.names import within
from bighead.pipeline_lib.project_modules import modules_of

if TYPE_CHECKING:
    from bighead.pipeline_lib.model_config import ModelConfig

Prepare = Callable[[Path], dict[str, int]]


@dataclass(frozen=True)
class Project:
    """Everything that a project's modules and YAML files define at top level, by name.

    `prepare` is `data.py`'s function that fills the warehouse and returns rows by table, where there is one.
    """

    name: str
    root: Path
    catalog: Catalog
    models: dict[str, ModelConfig]
    prepare: Prepare | None = field(default=None, repr=False)

    @property
    def feature_sets(self) -> dict[str, FeatureSet]:
        """Feature sets by name."""
        return self.catalog.feature_sets

    @property
    def training_sets(self) -> dict[str, TrainingSet]:
        """Training sets by name, their features resolved."""
        return self.catalog.training_sets

    @classmethod
    def load(cls, path: str | Path) -> Project:
        """Load the project in a folder; its name is the folder's, and its package's.

        Every module is imported but `definitions.py` and tests; YAML files of feature sets are read.

        Raises:
            UnknownNameError: there is no such folder, or a training set names an unknown feature.
            DefinitionError: a definition that cannot be, a module that cannot be imported, or a folder whose name
                another package has; where a file is to blame it is named with the line.
            NameCollisionError: two definitions of one kind and name.
        """
        root = Path(path).expanduser().absolute()
        if not root.is_dir():
            near = [each.name for each in root.parent.iterdir()] if root.parent.is_dir() else []
            raise UnknownNameError(f"project folder in {root.parent.name!r}", root.name, near)
        modules = list(modules_of(root))
        found = [value for module in modules for value in vars(module).values()]
        read = [FeatureSet.from_yaml(file) for file in sorted(root.rglob("*.yaml")) if _is_feature_set(file)]
        training = [each for each in found if isinstance(each, TrainingSet)]
        used = [ref for each in training for ref in each.features if not isinstance(ref, str)]
        sets = [each for each in found if isinstance(each, FeatureSet)] + read
        sets += [use if isinstance(use, FeatureSet) else use.set for use in used]
        sets, training = within(sets, training)
        catalog = Catalog(sets, training)
        models = _models(found, catalog)
        prepare = next(
            (m.prepare for m in modules if m.__name__.endswith(".data") and hasattr(m, "prepare")), None
        )
        return cls(root.name, root, catalog, models, prepare)


def _is_feature_set(file: Path) -> bool:
    if any(part.startswith(".") for part in file.parts[1:]):
        return False
    heads = {line.split(":")[0] for line in file.read_text(encoding="utf-8").splitlines() if ":" in line}
    return {"name", "source"} <= heads


def _models(found: list[Any], catalog: Catalog) -> dict[str, ModelConfig]:
    from dataclasses import replace

    from bighead.pipeline_lib.model_config import ModelConfig

    models = []
    for each in found:
        if isinstance(each, ModelConfig):
            # A model's source may name features; the catalogue's copy has them resolved.
            models.append(replace(each, source=catalog.training_sets.get(each.source.name, each.source)))
    return by_name("model", models)
