"""The composition root of the serving tier: one Litestar app over the stores of one home."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from litestar import Litestar
from litestar.di import Provide

from bighead.resources.event_log import FileEventLog
from bighead.resources.kafka_source import KafkaSource
from bighead.resources.online_stores import open_online_store
from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings
from bighead.resources.stream import Streams
from bighead.serving import catalogue_api, registry_api, ui
from bighead.serving.event_loggers.queue_logger import QueueLogger
from bighead.serving.feature_fetchers.online import OnlineFetcher
from bighead.serving.gateway import errors, predict, states, streams
from bighead.serving.gateway.front import Front
from bighead.serving.gateway.hosted import load_hosted
from bighead.serving.gateway.model_host import Loader, ModelHost
from bighead.serving.gateway.predict import PredictEndpoint
from bighead.serving.gateway.predictor import Predictor
from bighead.serving.metrics.prometheus import Metrics

_log = structlog.get_logger()


@dataclass(frozen=True)
class Gateway:
    """The parts of one serving process, in the order in which they start; `close` ends them in reverse."""

    registry: RegistryStore
    host: ModelHost
    logger: QueueLogger
    metrics: Metrics
    endpoint: PredictEndpoint
    streams: Streams
    kafka: KafkaSource | None
    closers: tuple[Callable[[], object], ...]

    def close(self) -> None:
        """Answer what is being answered, write what is logged, leave the registry."""
        for close in self.closers:
            close()


def open_gateway(settings: Settings, *, url: str, load: Loader) -> Gateway:
    """Open the stores of a home and wire the parts that answer."""
    registry = RegistryStore(settings.registry_url, clock=settings.now_clock)
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    host = ModelHost(registry, gateway_id=name, url=url, lease_seconds=settings.lease_seconds, load=load)
    logger = QueueLogger(FileEventLog(settings.inference_log))
    metrics = Metrics(lambda: logger.ledger, host.serving)
    store = open_online_store(settings.online, settings.redis, settings.redis_prefix)
    events = Streams(settings.online / "streams", store, settings.now_clock, settings.dedupe)
    predictor = Predictor(host, OnlineFetcher(store, events), logger, settings.now_clock, metrics.lateness)
    endpoint = PredictEndpoint(host, predictor, metrics)
    kafka = KafkaSource(settings.kafka, events) if settings.kafka else None
    reading = (kafka.stop,) if kafka else ()
    closers = (endpoint.close, host.stop, *reading, logger.close, events.close, store.close, registry.close)
    return Gateway(registry, host, logger, metrics, endpoint, events, kafka, closers)


def create_app(settings: Settings, *, url: str = "", load: Loader = load_hosted) -> Litestar:
    """Return the serving tier's app: predictions, streams, health, metrics, the registry's REST and pages.

    Args:
        settings: Where everything lies. Stores are opened at once, the registry is followed once it runs.
        url: Where this process is reached, as the registry tells it to others.
        load: Makes a bundle ready to answer.
    """
    gateway = open_gateway(settings, url=url or f"http://{settings.host}:{settings.port}", load=load)

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        gateway.host.start()
        await asyncio.to_thread(gateway.streams.catch_up_all)
        if gateway.kafka is not None:
            gateway.kafka.start()
        try:
            yield
        finally:
            gateway.close()
            _log.info("stopped", ledger=str(gateway.logger.ledger))

    async def provide_registry() -> RegistryStore:
        return gateway.registry

    async def provide_settings() -> Settings:
        return settings

    handlers: list[Any] = [
        *predict.route_handlers(gateway.endpoint),
        *states.route_handlers(gateway.host, gateway.logger, settings.now_clock, gateway.metrics),
        *streams.route_handlers(gateway.streams, gateway.metrics, settings.tokens),
        *(each for part in (registry_api, catalogue_api, ui) for each in part.route_handlers()),
    ]
    app = Litestar(
        handlers,
        dependencies={"registry": Provide(provide_registry), "settings": Provide(provide_settings)},
        exception_handlers={Exception: errors.handle},
        template_config=ui.template_config(),
        request_max_body_size=settings.max_body_bytes,
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
    )
    app.state.endpoint = gateway.endpoint
    return app


def create_front(settings: Settings, *, url: str = "", load: Loader = load_hosted) -> Front:
    """Return what a server runs: the app, with the short way for predictions before it."""
    app = create_app(settings, url=url, load=load)
    return Front(app, app.state.endpoint, settings.max_body_bytes)
