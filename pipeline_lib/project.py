"""A user's project: a folder of definitions, loaded by importing its modules and reading its YAML."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features import Catalog, FeatureSet, TrainingSet
from bighead.pipeline_lib.features.catalog import by_name
from bighead.pipeline_lib.features.names import within

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
            DefinitionError: a definition that cannot be, or a folder whose name another package has.
            NameCollisionError: two definitions of one kind and name.
        """
        root = Path(path).expanduser().absolute()
        if not root.is_dir():
            near = [each.name for each in root.parent.iterdir()] if root.parent.is_dir() else []
            raise UnknownNameError(f"project folder in {root.parent.name!r}", root.name, near)
        modules = list(_modules(root))
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


def _modules(root: Path) -> Iterator[ModuleType]:
    if not root.name.isidentifier():
        raise DefinitionError(
            f"the folder {root.name!r} cannot name a package.", cure="Rename it, as 'my_flights'."
        )
    _import_package(root)
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        if file.name == "definitions.py" or file.name.startswith("test_") or "tests" in parts:
            continue
        if any(part.startswith(".") or part == "__pycache__" for part in parts):
            continue
        dotted = ".".join([root.name, *(part for part in parts if part != "__init__")])
        yield importlib.import_module(dotted)


def _import_package(root: Path) -> None:
    """Make `import <folder name>` mean this folder, whatever the working directory."""
    seen = sys.modules.get(root.name)
    if seen is None:
        importlib.invalidate_caches()
        if str(root.parent) not in sys.path:
            sys.path.insert(0, str(root.parent))
        seen = importlib.import_module(root.name)
    places = [Path(each).resolve() for each in getattr(seen, "__path__", [])]
    if root.resolve() not in places:
        raise DefinitionError(
            f"the package {root.name!r} is already imported from {[str(place) for place in places]}.",
            cure="Rename the project's folder.",
        )


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
