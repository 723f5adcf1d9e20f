"""An alarm where a store is so far behind that its values are stale, and one line a change in the log."""

from __future__ import annotations

from structlog.testing import capture_logs

from bighead.pipeline_lib.inference_log import Ledger
from bighead.serving.feature_fetchers.fetched import Fetched
from bighead.serving.metrics.lateness import Lateness
from bighead.serving.metrics.prometheus import Metrics

DAY = 86_400_000_000


def fetched(late=(), **generations) -> Fetched:
    return Fetched([], [], generations=generations, late=list(late))


def test_gauges_tell_the_newest_fetch_of_each_set():
    metrics = Metrics(Ledger, dict)
    metrics.lateness.saw(fetched(clicks=3 * DAY, now=None))
    metrics.lateness.saw(fetched(["clicks"], clicks=3 * DAY))
    text = metrics.text().decode()
    assert 'bighead_online_late{feature_set="clicks"} 1.0' in text
    assert 'bighead_online_late{feature_set="now"} 0.0' in text
    assert f'bighead_online_midnight_seconds{{feature_set="clicks"}} {3 * 86_400}' in text
    assert 'bighead_online_midnight_seconds{feature_set="now"}' not in text


def test_the_log_has_a_line_where_a_set_becomes_late_and_one_where_it_is_in_time_again():
    lateness = Lateness()
    with capture_logs() as lines:
        for late, midnight in (((), 1), (("clicks",), 1), (("clicks",), 1), ((), 2), ((), 2)):
            lateness.saw(fetched(late, clicks=midnight * DAY))
    assert [(each["event"], each["log_level"], each["feature_set"]) for each in lines] == [
        ("online_store_late", "error", "clicks"),
        ("online_store_in_time", "info", "clicks"),
    ]
    assert "features/clicks/online" in lines[0]["cure"]
