"""Columns of categories of every kind, drawn with labels, and how answers to them are compared."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import polars as pl
from hypothesis import strategies as st

LARGE = 2**53
KINDS = {
    pl.String: st.sampled_from(["", "a", "b", "é", "1", "null"]),
    pl.Int64: st.sampled_from([-1, 0, 1, LARGE, LARGE + 1]),
    pl.Boolean: st.booleans(),
    pl.Float64: st.sampled_from([-0.0, 0.0, 0.5, 1.0, -1e308]),
}
numbers = st.integers(-(10**6), 10**6).map(lambda n: n / 1000) | st.sampled_from([0.0, -0.0, 1.0])
bits = st.sampled_from([0.0, 1.0])


@st.composite
def columns(draw, count=1, least=1, labels=numbers):
    """Draw columns of one kind of category with nulls, the first with labels."""
    kind = draw(st.sampled_from(list(KINDS)))
    value = KINDS[kind] | st.none()
    drawn = [draw(st.lists(value, min_size=least, max_size=12)) for _ in range(count)]
    told = draw(st.lists(labels, min_size=len(drawn[0]), max_size=len(drawn[0])))
    return *(frame(values, kind) for values in drawn), told


def frame(values, kind=None):
    return pl.DataFrame({"c": pl.Series(values, dtype=kind)})


def numbers_in(answer):
    return answer["c"].fill_null(float("nan")).to_numpy()


def close(seen, expected):
    # Labels up to 1000 cancel in sums: what is left of them is known no better than to their last places.
    np.testing.assert_allclose(seen, [math.nan if v is None else v for v in expected], rtol=1e-9, atol=1e-9)


def by_category(train, labels):
    found = defaultdict(list)
    for category, label in zip(train["c"], labels, strict=True):
        found[category].append(label)
    return found
