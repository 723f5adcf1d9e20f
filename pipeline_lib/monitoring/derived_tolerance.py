"""Whether two answers of a derivation are the same: as far apart as its inputs may be, and no further.

1. The inputs are computed again, each with how far it may be off by its operation's exactness class.
2. The derivation is evaluated at these inputs, and with one input at a time moved by as much, up and down.
3. A number may differ by the sum of what those moves do; anything else must be what one of them gives. Where all
   inputs are exact, nothing moves, and the answer must be equal.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.monitoring.tolerance import equal, slack
from bighead.pipeline_lib.point_in_time import answers_at
from bighead.pipeline_lib.point_in_time.derived import with_derived
from bighead.pipeline_lib.point_in_time.trace import values_within, visible_rows

_AT = "__asked_at"
_EPS = 4 * sys.float_info.epsilon


def agrees_derived(
    feature_set: FeatureSet,
    feature: Feature,
    served: Any,
    key: Mapping[str, Any],
    at: datetime,
    rows: pl.DataFrame,
) -> bool:
    """Whether a served value of a derived feature is what cleaned `rows` give for `key` as of `at` (UTC)."""
    use = feature_set.on().pick(feature.name)
    asked = [pl.Series(name, [key[name]], dtype=rows.schema[name], strict=False) for name in feature_set.keys]
    left = pl.DataFrame([*asked, pl.Series(_AT, [at], dtype=pl.Datetime("us", "UTC"))])
    inputs = answers_at(left, use.computed, rows, _AT).values
    moved = [inputs]
    moves = False
    for each in use.computed.features:
        value = inputs[each.name].item()
        seen = values_within(each, visible_rows(feature_set, each, key, at, rows))
        by = slack(each, value, seen)
        if by:
            moves = True
            moved += [inputs.with_columns(pl.lit(value + step).alias(each.name)) for step in (by, -by)]
    none = pl.repeat(False, len(moved), dtype=pl.Boolean, eager=True)
    found = with_derived(pl.concat(moved), use, none)[feature.name].to_list()
    if any(equal(served, each) for each in found):
        return True
    if not moves or not isinstance(served, float) or not isinstance(found[0], float):
        return False
    return _within(served, found[0], found[1:])


def _within(served: float, still: float, moved: list[Any]) -> bool:
    pairs = zip(moved[::2], moved[1::2], strict=True)
    reach = [max((abs(each - still) for each in pair if each is not None), default=0.0) for pair in pairs]
    return bool(abs(served - still) <= sum(reach) + _EPS * (1 + len(reach)) * abs(still))
