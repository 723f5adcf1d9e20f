"""Both ways to features at request time answer the same, and a difference would be seen."""

from __future__ import annotations

import importlib
from pathlib import Path

from bighead.serving.feature_fetchers.online import OnlineFetcher


def test_both_ways_agree_and_a_difference_is_seen(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    bench = importlib.import_module("bench.online_fetch")
    few = bench.feature_set("few", bench.FEW)
    store, streams = bench.opened(tmp_path, [few], users=5, each=4)
    planned, tabled = OnlineFetcher(store, streams), bench.by_tables(store, streams)
    asked, ref = [[{"user": 0}, {"user": 4}, {"user": 9}, {"user": None}]], few.on()
    assert len(ref.features) == 15
    assert bench.equal(planned, tabled, ref, asked)

    class Wrong:
        def fetch(self, *asked):
            found = planned.fetch(*asked)
            found.features[1]["few_amount_sum_7d"] += 1
            return found

    assert not bench.equal(Wrong(), tabled, ref, asked)
    assert set(bench.timed(planned, ref, asked)) == {"p50", "p99"}
    streams.close()
    store.close()
