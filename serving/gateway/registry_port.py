"""What of the registry a gateway uses, as a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bighead.pipeline_lib.registry.values import Artifact, Desired


class GatewayRegistry(Protocol):
    """What of the registry a gateway uses."""

    def desired(self) -> dict[str, Desired]:
        """Return what to serve and hold, by model."""
        ...

    def heartbeat(
        self,
        gateway_id: str,
        url: str,
        lease_seconds: float,
        serving: Mapping[str, int],
        ready: Mapping[str, int],
        epochs: Mapping[str, int] | None = None,
    ) -> dict[str, Desired]:
        """Renew the lease and return what is desired as of then."""
        ...

    def leave(self, gateway_id: str) -> None:
        """Forget this gateway."""
        ...

    def artifact(self, model: str, number: int) -> Artifact:
        """Return an artifact by its number."""
        ...
