"""The alarm beyond the tail buffer: sets whose generation is so old that their values are stale."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bighead.serving.feature_fetchers.fetched import Fetched

_log = structlog.get_logger()
_MICROSECONDS = 1_000_000


class Lateness(Collector):
    """What the newest fetch as of now saw of each set: a gauge for alarms, and a line where a set becomes late.

    `bighead_online_late` is 1 while a set's values are stale, and `bighead_online_midnight_seconds` the midnight of its
    generation (seconds since 1970), so that an alarm can come before: `time() - bighead_online_midnight_seconds`.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int | None, bool]] = {}

    def saw(self, fetched: Fetched) -> None:
        """Remember a fetch as of now."""
        for name, midnight in fetched.generations.items():
            late = name in fetched.late
            before = self._seen.get(name)
            if before == (midnight, late):
                continue
            self._seen[name] = (midnight, late)
            if late:
                _log.error("online_store_late", feature_set=name, midnight=midnight, cure=_cure(name))
            elif before is not None and before[1]:
                _log.info("online_store_in_time", feature_set=name, midnight=midnight)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield both gauges, by set."""
        late = GaugeMetricFamily("bighead_online_late", "Values of the set are stale", labels=["feature_set"])
        midnights = GaugeMetricFamily(
            "bighead_online_midnight_seconds",
            "Midnight of the generation that answers",
            labels=["feature_set"],
        )
        for name, (midnight, is_late) in sorted(dict(self._seen).items()):
            late.add_metric([name], float(is_late))
            if midnight is not None:
                midnights.add_metric([name], midnight / _MICROSECONDS)
        yield late
        yield midnights


def _cure(name: str) -> str:
    return f"materialise features/{name}/online for the newest days"
