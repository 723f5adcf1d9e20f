"""What a handler is given by its app, by name: the registry, and the settings."""

from __future__ import annotations

from typing import TypeAlias

from litestar.di import NamedDependency

from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings

Registry: TypeAlias = NamedDependency[RegistryStore]
Configured: TypeAlias = NamedDependency[Settings]
