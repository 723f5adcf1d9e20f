"""Which artifact answers: one thread follows the registry, requests only ever look up.

Every 100 ms the thread reads what is desired, has the promoting artifact loaded beside the active one, swaps
when the registry has committed, and reports. What it promises to `promote` stands in `registry_gateways`: it
reports an artifact as served only once every request on the one before was answered, and it stops answering
when its lease has run out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from bighead.pipeline_lib.errors import (
    ArtifactError,
    BigheadError,
    RequestError,
    UnknownNameError,
    did_you_mean,
)
from bighead.pipeline_lib.registry.values import Desired
from bighead.serving.gateway.hosted import Hosted, load_hosted
from bighead.serving.gateway.registry_port import GatewayRegistry
from bighead.serving.gateway.unavailable import UnavailableError

POLL_SECONDS = 0.1
_DRAIN_POLL_SECONDS = 0.01
_RETRY_SECONDS = 5.0
_KEPT_BY_NUMBER = 4
_log = structlog.get_logger()
Loader = Callable[[str, int, str], Hosted]


class ModelHost:
    """Holds the artifacts of all models and gives each request the right one; `start`, use, `stop`."""

    def __init__(
        self,
        registry: GatewayRegistry,
        *,
        gateway_id: str,
        url: str,
        lease_seconds: float = 10.0,
        load: Loader = load_hosted,
    ) -> None:
        self._registry, self._id, self._url, self._lease, self._load = (
            registry,
            gateway_id,
            url,
            lease_seconds,
            load,
        )
        self._serving: dict[str, Hosted] = {}
        self._epochs: dict[str, int] = {}
        self._draining: list[Hosted] = []
        self._held: dict[tuple[str, int], Hosted] = {}
        self._loading: dict[tuple[str, int], Future[Hosted]] = {}
        self._refused: dict[tuple[str, int], float] = {}
        self._by_number: dict[tuple[str, int], Hosted] = {}
        self._desired: dict[str, Desired] = {}
        self._reported: object = None
        self._leased_until = self._renewed = 0.0
        self._failing = False
        self._choosing = threading.Lock()
        self._stopping = threading.Event()
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="artifact-loader")
        self._thread = threading.Thread(target=self._run, name="model-host", daemon=True)

    def start(self) -> None:
        """Register, load what is active, and follow from then on.

        Raises:
            BigheadError: the registry cannot be reached.
        """
        self._renew()
        self._thread.start()

    def stop(self) -> None:
        """Stop following and leave the registry; call it when no request is left."""
        self._stopping.set()
        self._thread.join()
        self._loader.shutdown(wait=True, cancel_futures=True)
        try:
            self._registry.leave(self._id)
        except BigheadError as error:
            _log.warning("gateway_could_not_leave", error=str(error))

    def acquire(self, model: str, number: int | None = None) -> Hosted:
        """Return the artifact to answer from, counted in; the caller calls `release` on it in the end.

        Raises:
            RequestError: 404, no such model or artifact, or nothing of it is active.
            UnavailableError: it is being loaded, or the lease has run out.
        """
        if number is not None:
            hosted = self._numbered(model, number)
            hosted.acquire()
            return hosted
        with self._choosing:
            found = self._serving.get(model)
            if found is None:
                raise self._absent(model)
            self.check_lease()
            found.acquire()
        return found

    def check_lease(self) -> None:
        """Refuse to answer when a promotion might have passed this gateway by.

        Raises:
            UnavailableError: the registry could not be reached for a whole lease.
        """
        if time.monotonic() > self._leased_until:
            raise UnavailableError(
                "this gateway could not reach the registry for a whole lease.", code="lease_expired"
            )

    @property
    def leased(self) -> bool:
        """Whether the lease runs."""
        return time.monotonic() <= self._leased_until

    def serving(self) -> dict[str, int]:
        """Return the number of the artifact that answers, by model."""
        return {model: hosted.number for model, hosted in self._serving.items()}

    def hosted(self) -> dict[str, Hosted]:
        """Return what answers, by model."""
        return dict(self._serving)

    def lacking(self) -> list[str]:
        """Return the models that have an active artifact which is not served here yet."""
        return sorted(m for m, d in self._desired.items() if d.active is not None and m not in self._serving)

    def _run(self) -> None:
        while not self._stopping.wait(_DRAIN_POLL_SECONDS if self._draining else POLL_SECONDS):
            try:
                self._turn()
                self._failing = False
            except Exception as error:  # the thread must outlive whatever the registry does
                if not self._failing:
                    _log.warning("registry_unreachable", error=f"{type(error).__name__}: {error}")
                self._failing = True

    def _turn(self) -> None:
        if not self.leased or time.monotonic() - self._renewed > self._lease / 3:
            self._renew()
        else:
            self._desired = self._registry.desired()
        self._follow()
        report = self._report()
        if report != self._reported:
            self._renew()

    def _renew(self) -> None:
        asked = time.monotonic()
        report = self._report()
        desired = self._registry.heartbeat(self._id, self._url, self._lease, *report)
        self._desired, self._reported = desired, report
        with self._choosing:
            if time.monotonic() > self._leased_until:
                # Nobody waited for this gateway meanwhile: what it serves may have been replaced long ago.
                for model in [m for m in self._serving if not self._is_current(m)]:
                    del self._serving[model]
                    self._epochs.pop(model, None)
            self._leased_until, self._renewed = asked + self._lease, asked
        self._follow()

    def _is_current(self, model: str) -> bool:
        wanted = self._desired.get(model)
        return wanted is not None and wanted.active == self._serving[model].number

    def _follow(self) -> None:
        self._draining = self._still_draining()
        self._collect_loaded()
        wanted: set[tuple[str, int]] = set()
        for model, desired in self._desired.items():
            for number, location in (
                (desired.active, desired.location),
                (desired.promoting, desired.promoting_location),
            ):
                if number is not None and location is not None:
                    wanted.add((model, number))
                    self._want(model, number, location)
            self._swap(model, desired)
        self._held = {key: hosted for key, hosted in self._held.items() if key in wanted}
        gone = [model for model in self._serving if model not in self._desired]
        with self._choosing:
            for model in gone:
                del self._serving[model]

    def _want(self, model: str, number: int, location: str) -> None:
        key = (model, number)
        if key in self._held or key in self._loading or self._refused.get(key, 0.0) > time.monotonic():
            return
        self._loading[key] = self._loader.submit(self._load, model, number, location)

    def _collect_loaded(self) -> None:
        for key in [key for key, future in self._loading.items() if future.done()]:
            future = self._loading.pop(key)
            error = future.exception()
            if error is None:
                self._held[key] = future.result()
                _log.info("artifact_ready", model=key[0], artifact=key[1])
            else:
                self._refused[key] = time.monotonic() + _RETRY_SECONDS
                _log.error("artifact_refused", model=key[0], artifact=key[1], error=str(error))

    def _swap(self, model: str, desired: Desired) -> None:
        old, new = self._serving.get(model), self._held.get((model, desired.active or -1))
        if new is None or desired.epoch is None:
            return
        if old is not new:
            with self._choosing:
                self._serving[model] = new
            if old is not None:
                self._draining.append(old)
            _log.info("artifact_serves", model=model, artifact=new.number)
        self._epochs[model] = desired.epoch

    def _still_draining(self) -> list[Hosted]:
        return [old for old in self._draining if old.users > 0 and self._serving.get(old.model) is not old]

    def _report(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        # The oldest one counts: promote must wait for its last answer.
        still = {old.model: old.number for old in reversed(self._still_draining())}
        serving = {model: hosted.number for model, hosted in self._serving.items()} | still
        ready = {
            model: desired.promoting
            for model, desired in self._desired.items()
            if desired.promoting is not None and (model, desired.promoting) in self._held
        }
        return serving, ready, {m: e for m, e in self._epochs.items() if m not in still}

    def _numbered(self, model: str, number: int) -> Hosted:
        self.check_lease()
        key = (model, number)
        found = self._held.get(key) or self._by_number.get(key)
        if found is None:
            try:
                location = self._registry.artifact(model, number).location
            except UnknownNameError as error:
                raise RequestError(
                    error.message, status=404, code="unknown_artifact", cure=error.cure
                ) from error
            try:
                found = self._load(model, number, location)
            except ArtifactError as error:
                raise UnavailableError(error.message, code="artifact_refused") from error
            self._by_number[key] = found
            for stale in list(self._by_number)[:-_KEPT_BY_NUMBER]:
                self._by_number.pop(stale, None)
        return found

    def _absent(self, model: str) -> Exception:
        desired = self._desired.get(model)
        if desired is None:
            return RequestError(
                f"no model is called {model[:200]!r}.",
                status=404,
                code="unknown_model",
                cure=did_you_mean(model[:200], sorted(self._desired)),
            )
        if desired.active is None:
            return RequestError(
                f"the model {model!r} has no active artifact.",
                status=404,
                code="nothing_active",
                cure=f"Promote one: bighead promote {model} NUMBER",
            )
        return UnavailableError(f"artifact {desired.active} of {model!r} is being loaded.", code="loading")
