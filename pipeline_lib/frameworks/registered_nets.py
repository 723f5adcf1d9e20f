"""Architectures by name, so that a network is stored as a name, arguments in JSON, and arrays."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bighead.pipeline_lib.errors import (
    ArtifactError,
    DefinitionError,
    NameCollisionError,
    UnknownNameError,
    UnsupportedStepError,
)
from bighead.pipeline_lib.foreign_code import check_importable, import_allowed
from bighead.pipeline_lib.frameworks.neural_input import NeuralInput

_Build = TypeVar("_Build", bound=Callable[..., Any])


@dataclass
class Nets:
    """The architectures of one framework: ours by their modules, and those that others registered.

    Args:
        package: Where ours lie, a file each, with a function `build`.
        names: Ours.
        cure: How a network of another kind can be stored.
    """

    package: str
    names: tuple[str, ...]
    cure: str
    _registered: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def register(self, name: str) -> Callable[[_Build], _Build]:
        """Return a decorator that registers a function: what it returns can then be stored, under this name.

        The function is given a `NeuralInput`, the number of outputs, and the step's `arguments` by name.

        Raises:
            NameCollisionError: the name is taken.
        """

        def registered(build: _Build) -> _Build:
            known = self._registered.get(name)
            # A module that is loaded again registers the same function again.
            again = known is not None and _place(known) == _place(build)
            if name in self.names or (known is not None and not again):
                raise NameCollisionError(f"a net {name!r} is registered already.", cure="Take another name.")
            self._registered[name] = build
            return build

        return registered

    def known(self) -> tuple[str, ...]:
        """Return the names of all architectures."""
        return (*self.names, *self._registered)

    def build(self, name: str, reads: NeuralInput, outputs: int, arguments: Mapping[str, Any] | None) -> Any:
        """Return a network of an architecture.

        Raises:
            UnknownNameError: there is none of that name.
            DefinitionError: it refuses the arguments, or these columns.
        """
        if name in self.names:
            build = importlib.import_module(f"{self.package}.{name}").build
        elif name in self._registered:
            build = self._registered[name]
        else:
            raise UnknownNameError("net", name, self.known())
        try:
            return build(reads, outputs, **(arguments or {}))
        except TypeError as error:
            raise DefinitionError(f"the net {name!r}: {error}.", cure="See its arguments.") from error

    def module_of(self, net: Any) -> str | None:
        """Return which module an artifact has to import for a net; none for ours.

        Raises:
            UnsupportedStepError: it is not registered, or stands where nobody else could import it.
        """
        if not isinstance(net, str):
            raise UnsupportedStepError(
                f"the network {type(net).__name__} is code of its own, which a bundle does not carry.",
                cure=self.cure,
            )
        if net in self.names:
            return None
        build = self._registered[net]
        return check_importable(build, getattr(build, "__name__", ""), f"the net {net!r}")

    def ensure(self, name: str, module: str | None) -> None:
        """Have a net of an artifact registered, importing its module where that is allowed.

        Raises:
            ArtifactError: the module is not allowed or lacks here, or registers no such net.
        """
        if name in self.names:
            return
        import_allowed(str(module), f"the net {name!r}")
        if name not in self._registered:
            raise ArtifactError(
                f"the module {module!r} registers no net {name!r}.",
                cure="Install the version of it that trained the artifact.",
            )


def _place(build: Callable[..., Any]) -> tuple[object, object]:
    return getattr(build, "__module__", None), getattr(build, "__qualname__", None)
