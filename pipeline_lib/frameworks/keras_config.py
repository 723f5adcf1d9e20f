"""A network of Keras's own layers as JSON, and back: nothing but Keras's layers is ever built of it.

Keras's own reader imports whichever module a config names. So each object of a config is looked at first: its module
must be one of Keras's below, and its class none that runs code or pickles of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bighead.pipeline_lib.errors import ArtifactError, UnsupportedStepError
from bighead.pipeline_lib.frameworks.extras import import_extra

_MODULES = frozenset(
    {
        "keras",
        "keras.constraints",
        "keras.initializers",
        "keras.layers",
        "keras.regularizers",
        "keras.src.models.functional",
    }
)
# They hold functions, files, or another framework's objects.
_CODE = frozenset(
    {"FlaxLayer", "JaxLayer", "Lambda", "TFSMLayer", "TorchModuleWrapper", "Wrapper", "TextVectorization"}
    | {"StringLookup", "IntegerLookup", "HashedCrossing", "Hashing"}
)


def to_json(network: Any, cure: str) -> str:
    """Return a network's layers as JSON.

    Raises:
        UnsupportedStepError: it holds a layer that is not Keras's own, or one of code.
    """
    try:
        said: str = network.to_json()
        config = json.loads(said)
    except (NotImplementedError, TypeError, ValueError) as error:
        raise UnsupportedStepError(
            f"the network {type(network).__name__} has no description: {error}", cure=cure
        ) from error
    odd = next(_odd(config), None)
    if odd is not None:
        raise UnsupportedStepError(
            f"the network holds {odd}, which is code that a bundle does not carry.", cure=cure
        )
    # How it was compiled for learning is no part of what it answers.
    config.pop("compile_config", None)
    return json.dumps(config, sort_keys=True)


def from_json(said: str) -> Any:
    """Return the network, unfitted.

    Raises:
        ArtifactError: it holds something else than Keras's own layers, or cannot be built.
    """
    keras = import_extra("keras", "Keras", "tensorflow")
    try:
        config = json.loads(said)
        odd = next(_odd(config), None)
        if odd is not None:
            raise ArtifactError(f"the network holds {odd}, which is never built.", cure="Train again.")
        if not isinstance(config, dict) or "class_name" not in config:
            raise ValueError("it is no description of layers")
        return keras.saving.deserialize_keras_object(config, safe_mode=True)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ImportError) as error:
        raise ArtifactError(
            f"the network cannot be built: {str(error)[:500]}", cure="Train again."
        ) from error


def _odd(config: Any) -> Iterator[str]:
    """Yield what of a config is not one of Keras's own layers, and their parts."""
    if isinstance(config, Mapping):
        name = config.get("class_name")
        if name is not None or "module" in config or "registered_name" in config:
            module, registered = config.get("module"), config.get("registered_name")
            tensor = name == "__keras_tensor__" and module is None
            plain = isinstance(name, str) and module in _MODULES and name not in _CODE
            if not tensor and (not plain or registered not in (None, name)):
                yield f"a {name!r} of the module {module!r}"
        for each in config.values():
            yield from _odd(each)
    elif isinstance(config, list):
        for each in config:
            yield from _odd(each)
