"""Counters and histograms with the model's name, in a registry of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bighead.pipeline_lib.inference_log import Ledger
from bighead.serving.metrics.lateness import Lateness

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LATENCY = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_ROWS = (1, 2, 5, 10, 50, 100, 500, 1000, 5000)


class Metrics:
    """The metrics of one gateway. Names that no model has are counted together, as `unknown`.

    Args:
        ledger: Gives the counts of the inference log.
        serving: Gives the number of the artifact that answers, by model.
    """

    def __init__(self, ledger: Callable[[], Ledger], serving: Callable[[], dict[str, int]]) -> None:
        self._registry = CollectorRegistry()
        self._latency = Histogram(
            "bighead_request_seconds",
            "Time from a request's body to its answer",
            ["model"],
            buckets=_LATENCY,
            registry=self._registry,
        )
        self._rows = Histogram(
            "bighead_request_rows", "Rows in a request", ["model"], buckets=_ROWS, registry=self._registry
        )
        self._errors = Counter(
            "bighead_request_errors",
            "Requests that were refused or failed",
            ["model", "code"],
            registry=self._registry,
        )
        self._events = Counter(
            "bighead_stream_events", "Events taken into streams", ["stream", "kind"], registry=self._registry
        )
        self._registry.register(_Live(ledger, serving))
        self.lateness = Lateness()
        self._registry.register(self.lateness)
        self._children: dict[str, tuple[Histogram, Histogram]] = {}

    def answered(self, model: str, seconds: float, rows: int) -> None:
        """Count an answered request."""
        children = self._children.get(model)
        if children is None:
            children = (self._latency.labels(model), self._rows.labels(model))
            self._children[model] = children
        children[0].observe(seconds)
        children[1].observe(rows)

    def refused(self, model: str, code: str) -> None:
        """Count a request that got an error; only names of models that exist become labels."""
        self._errors.labels(
            model if model in self._children or code != "unknown_model" else "unknown", code
        ).inc()

    def streamed(self, stream: str, accepted: int, duplicates: int, refused: int = 0) -> None:
        """Count the events of one ingestion."""
        self._events.labels(stream, "refused").inc(refused)
        self._events.labels(stream, "accepted").inc(accepted)
        self._events.labels(stream, "duplicate").inc(duplicates)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _Live(Collector):
    def __init__(self, ledger: Callable[[], Ledger], serving: Callable[[], dict[str, int]]) -> None:
        self._ledger, self._serving = ledger, serving

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        ledger = self._ledger()
        counts = CounterMetricFamily("bighead_inference_log_records", "The log's ledger", labels=["fate"])
        for fate in ("accepted", "written", "dropped"):
            counts.add_metric([fate], getattr(ledger, fate))
        yield counts
        yield GaugeMetricFamily(
            "bighead_inference_log_waiting", "Records waiting to be written", value=ledger.waiting
        )
        active = GaugeMetricFamily("bighead_serving_artifact", "The artifact that answers", labels=["model"])
        for model, number in self._serving().items():
            active.add_metric([model], number)
        yield active
