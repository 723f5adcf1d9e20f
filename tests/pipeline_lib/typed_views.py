"""A set whose inputs have declared types, for the tests of these."""

from __future__ import annotations

from bighead.pipeline_lib.features import Aggregation, Categorical, EventSource, FeatureSet, Tensor


def seen(*made: Aggregation, **types: Tensor | Categorical) -> FeatureSet:
    return FeatureSet(
        name="seen",
        owner="t",
        keys=["user"],
        source=EventSource("seen", "ts", event_id="id"),
        aggregations=made or [Aggregation("emb", "last", ["1d"])],
        types=types or {"emb": Tensor([2])},
    )
