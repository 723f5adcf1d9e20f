"""Named arrays as bytes of safetensors (https://github.com/huggingface/safetensors), checked before they are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bighead.pipeline_lib.errors import ArtifactError, quoted
from bighead.pipeline_lib.frameworks.extras import import_extra

_Array = np.ndarray[Any, Any]
_CURE = "Train again; the state is not what was written."


def to_bytes(arrays: Mapping[str, _Array], extra: str) -> bytes:
    """Return arrays as bytes: equal arrays give equal bytes.

    Raises:
        MissingExtraError: the package is not installed.
    """
    package = import_extra("safetensors.numpy", "safetensors", extra)
    saved: bytes = package.save({name: np.asarray(each, order="C") for name, each in arrays.items()})
    return saved


def from_bytes(content: bytes, expected: Mapping[str, tuple[int, ...]], extra: str) -> dict[str, _Array]:
    """Return the arrays, if they are exactly those that are expected.

    Args:
        content: What `to_bytes` returned.
        expected: The shape of each array by its name.
        extra: Which extra brings the package.

    Raises:
        ArtifactError: bytes that are no safetensors, or arrays of other names or shapes.
        MissingExtraError: the package is not installed.
    """
    package = import_extra("safetensors.numpy", "safetensors", extra)
    errors = import_extra("safetensors", "safetensors", extra)
    try:
        arrays: dict[str, _Array] = package.load(content)
    except (errors.SafetensorError, KeyError, ValueError, TypeError) as error:
        raise ArtifactError(f"the weights cannot be read: {error}.", cure=_CURE) from error
    if arrays.keys() != expected.keys():
        odd = sorted(arrays.keys() ^ expected.keys())
        raise ArtifactError(f"the weights and the network differ in {quoted(odd)}.", cure=_CURE)
    for name, shape in expected.items():
        if arrays[name].shape != tuple(shape):
            raise ArtifactError(
                f"the weights {name!r} have the shape {arrays[name].shape}, the network {tuple(shape)}.",
                cure=_CURE,
            )
    return arrays
