"""Random feature sets over random rows, or over their mutations: every operation, parameter, condition, bucket, list
and map.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import polars as pl
from feature_oracle import Reading
from hypothesis import strategies as st

from bighead.pipeline_lib.features import Aggregation, Categorical, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.features.operations import OPERATIONS

T0 = datetime(2013, 3, 1, 12, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {
    "id": pl.Int64,
    "k": pl.String,
    "ts": TIME,
    "known": TIME,
    "mutated": TIME,
    "op": pl.String,
    "lsn": pl.Int64,
    "x": pl.Float64,
    "n": pl.Int32,
    "b": pl.Boolean,
    "s": pl.String,
    "d": pl.Date,
    "xs": pl.List(pl.Float64),
    "tags": pl.List(pl.String),
    "m": pl.List(pl.Struct({"key": pl.String, "value": pl.Int64})),
    "st": pl.Struct({"p": pl.Float64, "q": pl.Float64}),
    "city": pl.String,
    "tier": pl.Int64,
}
NUMERIC = ["x", "n", "b", "xs", "m", "st"]
OTHER = ["s", "d", "tags"]
CONDITIONS = {
    "city = 'a'": lambda row: row["city"] == "a",
    "tier > 1 OR s IS NULL": lambda row: (row["tier"] or 0) > 1 or row["s"] is None,
    "doubled >= 0": lambda row: row["x"] is not None and row["x"] * 2 >= 0,
}
READING = Reading(CONDITIONS, maps=["m", "st"])
STEPS = [0, 1, -1, 299, 300, 3_599, 3_600, 3_601, 86_400, 604_800, 604_801, -(50 * 365 * 86_400)]
offsets = st.builds(
    lambda seconds, micros: timedelta(seconds=-seconds, microseconds=micros),
    st.sampled_from(STEPS) | st.integers(-7_200, 700_000),
    st.sampled_from([0, 0, 1, -1]),
)
quarters = st.integers(-12, 12).map(lambda n: n / 4)
floats = st.none() | quarters | st.sampled_from([float("inf"), -0.0])
WORDS = ["", "a", "b", "a|b", "\\", "é"]
words = st.sampled_from(WORDS)
rows_of = st.lists(
    st.fixed_dictionaries(
        {
            "k": st.sampled_from(["a", "a", "b", None]),
            "ts": offsets.map(lambda offset: T0 + offset),
            "late": st.sampled_from([0, 0, 1, 90_000]),
            "again": st.integers(0, 3),
            "mutated": st.sampled_from([0, 0, 1, -1, 299, 86_400, 604_800]),
            "op": st.sampled_from(["c", "u", "u", "d"]),
            "x": floats,
            "n": st.none() | st.integers(-3, 3),
            "b": st.none() | st.booleans(),
            "s": st.none() | words,
            "d": st.none() | st.dates(datetime(1960, 1, 1).date(), datetime(1960, 1, 4).date()),
            "xs": st.none() | st.lists(floats, max_size=4),
            "tags": st.none() | st.lists(st.none() | words, max_size=3),
            "m": st.none()
            | st.lists(
                st.fixed_dictionaries({"key": st.none() | words, "value": st.none() | st.integers(-3, 3)}),
                max_size=3,
            ),
            "st": st.none() | st.fixed_dictionaries({"p": floats, "q": floats}),
            "city": st.none() | words,
            "tier": st.none() | st.integers(0, 2),
        }
    ),
    max_size=14,
)
questions = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), offsets), min_size=1, max_size=5)
windows = st.lists(
    st.sampled_from(["1h", "sliding:1h", "7d", "5m", "tumbling:1h", "snapshot:7d+2h", "unbounded"]),
    min_size=1,
    max_size=2,
    unique=True,
)


@st.composite
def aggregations(draw, number: int):
    operation = OPERATIONS[draw(st.sampled_from(sorted(OPERATIONS)))]
    column = draw(st.sampled_from(NUMERIC if operation.adds else NUMERIC + OTHER))
    spans = draw(windows)
    buckets = (
        [] if column in ("m", "st") else draw(st.sampled_from([[], [], ["city"], ["tier", "city"], ["b"]]))
    )
    if operation.name == "rate":
        spans = [span for span in spans if span != "unbounded"] or ["7d"]
    needs = {
        None: {},
        "k": {"k": draw(st.integers(1, 3))},
        "quantiles": {"quantiles": draw(st.sampled_from([[0.5], [0, 0.3, 1]]))},
        "half_life": {"half_life": draw(st.sampled_from(["1h", "3d"]))},
    }[operation.needs]
    where = draw(st.none() | st.sampled_from(sorted(CONDITIONS)))
    keyed = buckets or column in ("m", "st")
    empty = (
        draw(st.sampled_from([None, {}]))
        if keyed
        else draw(st.sampled_from(empties(operation, column, needs)))
    )
    return Aggregation(
        column, operation.name, spans, buckets=buckets, where=where, empty=empty, name=f"a{number}", **needs
    )


def empties(operation, column, needs):
    """Values that an empty window may give, of the type of the results."""
    several = len(needs.get("quantiles", [])) > 1
    if operation.gives == "integer" or (operation.gives == "sum" and column in ("n", "b")):
        return [None, -1]
    if operation.gives in ("float", "sum") or (operation.gives == "floats" and not several):
        return [None, 0.5]
    return [None, ()] if operation.gives in ("values", "floats") else [None]


@st.composite
def sets(draw, changing=False):
    told = {"mutations": Mutations("mutated", operation="op", sequence="lsn")} if changing else {}
    made = [draw(aggregations(number)) for number in range(draw(st.integers(1, 4)))]
    # All words are known, so that the oracle need not know of the type.
    typed = any(each.column == "s" for each in made) and draw(st.booleans())
    return FeatureSet(
        name="f",
        owner="t",
        keys=["k"],
        source=EventSource(
            table="rows",
            event_time="ts",
            available_at="known",
            event_id="id",
            select={"doubled": "x * 2"},
            **told,
        ),
        aggregations=made,
        types={"s": Categorical(WORDS)} if typed else {},
        boundary=draw(st.sampled_from(["exclusive", "inclusive"])),
    )


def frame_of(listed, changing=False) -> pl.DataFrame:
    """Raw rows; if `changing`, few rows and what became of them."""
    rows = []
    for n, row in enumerate(listed):
        mutated = row["ts"] + timedelta(seconds=row["mutated"])
        known = (mutated if changing else row["ts"]) + timedelta(seconds=row["late"])
        made = {"id": row["again"] if changing else n, "known": known, "mutated": mutated, "lsn": n}
        rows.append({**row, **made})
    return pl.DataFrame([{name: row[name] for name in SCHEMA} for row in rows], schema=SCHEMA)


def left_of(asked) -> pl.DataFrame:
    return pl.DataFrame([(k, T0 + at) for k, at in asked], schema={"k": pl.String, "t": TIME}, orient="row")


def agrees(ours, theirs, rel_tol: float) -> bool:
    """Equal bit for bit, or nearly: lists and maps element by element."""
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(
            agrees(a, b, rel_tol) for a, b in zip(ours, theirs, strict=True)
        )
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours["key"] == theirs["key"] and agrees(ours["value"], theirs["value"], rel_tol)
    if isinstance(ours, float) and isinstance(theirs, float) and rel_tol > 0:
        return math.isclose(ours, theirs, rel_tol=rel_tol, abs_tol=1e-9)
    return type(ours) is type(theirs) and ours == theirs


def plain(value):
    return value.to_list() if isinstance(value, pl.Series) else value
