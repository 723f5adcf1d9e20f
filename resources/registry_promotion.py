"""Step 6 of 9: a promotion from claim to the last gateway, correct across processes.

claim (`verifying`) → loader process → `promoting`: gateways preload and report ready → `active` commits in
one transaction → gateways swap and report. Until the commit a failure moves nothing; after it the move
stands, and a gateway that did not follow in time is named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from bighead.pipeline_lib.clock import Clock
from bighead.pipeline_lib.errors import GateFailedError, PromotionError, StaleReleaseError, quoted
from bighead.pipeline_lib.registry.followers import lagging, unready
from bighead.pipeline_lib.registry.values import Promotion
from bighead.resources import registry_rows as rows
from bighead.resources.registry_claims import Claim, Claims, Request
from bighead.resources.registry_gateways import read_gateways
from bighead.resources.registry_loader import verify_in_child

_PAUSE = 0.05


class Promoter:
    """Drives promotions; many may run at once, in many processes."""

    def __init__(
        self, claims: Claims, lease_clock: Clock, command: Sequence[str], hold_seconds: float
    ) -> None:
        self._claims, self._lease_clock, self._command = claims, lease_clock, command
        self._renew_after = hold_seconds / 5

    def run(self, request: Request) -> Promotion:
        """Promote or roll back, and return when every live gateway serves it; see `RegistryStore.promote`."""
        started = self._lease_clock.now()
        try:
            claim = self._claim(request)
        except (GateFailedError, StaleReleaseError) as error:
            self._claims.refused(request, error.message)
            raise
        if claim.id is not None:
            self._move(request, claim, claim.id)
        gateways = self._follow(request, claim)
        if claim.id is not None:
            return self._stored(request, claim.id)
        return Promotion(
            id=None,
            model=request.model,
            number=claim.number,
            kind=request.kind,
            status="active",
            actor=request.actor,
            reason=request.reason,
            forced=request.forced,
            started_at=started,
            finished_at=self._lease_clock.now(),
            detail="it was active already",
            gateways=gateways,
        )

    def _stored(self, request: Request, promotion: int) -> Promotion:
        with self._claims.database.read() as connection:
            model = rows.model_row(connection, request.model)
            return rows.to_promotion(rows.promotion_by_id(connection, model.id, promotion), request.model)

    def _claim(self, request: Request) -> Claim:
        deadline = time.monotonic() + request.timeout
        while True:
            found = self._claims.open(request)
            if isinstance(found, Claim):
                return found
            if time.monotonic() > deadline:
                raise PromotionError(
                    f"{request.model!r} is being promoted to artifact {found.number} by {found.actor!r}"
                    f" (promotion {found.id}).",
                    cure="Wait until it has ended, then ask again.",
                )
            time.sleep(_PAUSE)

    def _move(self, request: Request, claim: Claim, promotion: int) -> None:
        renew = self._renewer(request, promotion)
        try:
            verify_in_child(self._command, claim, request.timeout, renew)
            self._claims.renew(request, promotion, "promoting")
            self._wait_until_ready(request, claim, renew)
            self._claims.commit(request, promotion)
        except BaseException as error:
            self._claims.fail(request, promotion, str(error) or type(error).__name__)
            raise

    def _renewer(self, request: Request, promotion: int) -> Callable[[], None]:
        renewed = time.monotonic()

        def renew() -> None:
            nonlocal renewed
            if time.monotonic() - renewed > self._renew_after:
                self._claims.renew(request, promotion)
                renewed = time.monotonic()

        return renew

    def _wait_until_ready(self, request: Request, claim: Claim, renew: Callable[[], None]) -> None:
        def missing() -> tuple[str, ...]:
            renew()
            with self._claims.database.read() as connection:
                gateways = read_gateways(connection)
            return unready(gateways, request.model, claim.number, self._lease_clock.now())

        left = _wait(missing, request.timeout)
        if left:
            raise PromotionError(
                f"{_gateways(left)} did not load artifact {claim.number} of {request.model!r} within"
                f" {request.timeout:g} s; nothing was moved.",
                cure="Look at its log, stop it or give more time; then promote again.",
            )

    def _follow(self, request: Request, claim: Claim) -> tuple[str, ...]:
        """Wait until every live gateway serves what is active, which a later promotion may have moved on."""
        live: tuple[str, ...] = ()

        def missing() -> tuple[str, ...]:
            nonlocal live
            with self._claims.database.read() as connection:
                model = rows.model_row(connection, request.model)
                event = rows.newest_event(connection, model.id)
                gateways = read_gateways(connection)
                number = rows.event_number(connection, event) if event else claim.number
            now = self._lease_clock.now()
            live = tuple(gateway.id for gateway in gateways if gateway.live(now))
            return lagging(gateways, request.model, number, event.id if event else 0, now)

        left = _wait(missing, request.timeout)
        followed = tuple(name for name in live if name not in left)
        if claim.id is not None:
            self._claims.followed(claim.id, followed, left)
        if left:
            raise PromotionError(
                f"artifact {claim.number} of {request.model!r} is active, but {_gateways(left)} did not"
                f" report serving it within {request.timeout:g} s.",
                cure="Promote it again to wait on, or stop that gateway: its answers may still be old ones.",
            )
        return followed


def _wait(missing: Callable[[], tuple[str, ...]], timeout: float) -> tuple[str, ...]:
    """Ask `missing` until nothing is, or `timeout` seconds passed; return what still is."""
    deadline = time.monotonic() + timeout
    while True:
        left = missing()
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(_PAUSE)


def _gateways(names: Sequence[str]) -> str:
    return f"{'gateways' if len(names) > 1 else 'gateway'} {quoted(names)}"
