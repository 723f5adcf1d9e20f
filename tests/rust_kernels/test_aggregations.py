"""Every operation of the temporal join against its definition, on random and boundary data."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from aggregation_oracle import ADDING, DAY, ORDERED, OTHERS, PARAMETRIC, oracle
from aggregation_specs import spec
from bighead_kernels import AggregationSpec, temporal_join
from hypothesis import given, settings
from hypothesis import strategies as st

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EVENTS = {"k": pl.Int64, "et": pl.Int64, "av": pl.Int64, "id": pl.Int64, "i": pl.Int64, "f": pl.Float64,
          "until": pl.Int64, "s": pl.String, "b": pl.Boolean, "at": pl.Datetime("us", "UTC")}  # fmt: skip
ROWS = {"k": pl.Int64, "t": pl.Int64, "from": pl.Int64, "to": pl.Int64}
WINDOWS = [("sawtooth", 12, 5), ("sliding", 9, 0), ("sliding", 2**62, 0), ("unbounded", 0, 0), ("tumbling", 9, 4),
           ("snapshot", DAY, 3), ("bounds", 0, 0)]  # fmt: skip
QUANTILES = [[0.5], [0.0, 0.3, 0.99, 1.0]]


def aggregations(column: str, operations: list[str]) -> list[AggregationSpec]:
    """Every operation on a column over every window it may have, with some parameters each."""
    found = []
    for operation in operations:
        for window in WINDOWS:
            if operation == "rate" and window[0] == "unbounded":
                continue
            for n, quantiles in enumerate(QUANTILES[: 1 + (operation in PARAMETRIC)]):
                half_life = [7, 10**9][n]
                name = f"{column} {operation} {window} {n}"
                parameters = {"k": [1, 3][n], "quantiles": quantiles, "half_life": half_life}
                ends = {"start_column": "from", "end_column": "to"} if window[0] == "bounds" else {}
                made = spec(name, column, operation, *window, **parameters)  # type: ignore[arg-type]
                found.append({**made, **ends})  # type: ignore[typeddict-item]
    return found


COLUMNS = {"i": ADDING + ORDERED + OTHERS, "f": ADDING + ORDERED + OTHERS, "s": ORDERED + OTHERS,
           "b": ORDERED + OTHERS, "at": ORDERED + OTHERS}  # fmt: skip


def ours(
    events: Any, rows: list[dict[str, Any]], wanted: list[AggregationSpec], inclusive: bool = False
) -> pl.DataFrame:
    """The kernel's answers."""
    table, _ = temporal_join(
        events if isinstance(events, pl.DataFrame) else pl.DataFrame(events, schema=EVENTS, strict=False),
        pl.DataFrame(rows, schema=ROWS), keys=["k"], event_time="et", available_at="av", timestamp="t",
        tie_break=["id"], aggregations=wanted, inclusive=inclusive, available_to=until(events),
    )  # fmt: skip
    return pl.DataFrame(table)


def until(events: Any) -> str | None:
    """The column of deletes, where there are any."""
    frame = pl.DataFrame(events, schema=EVENTS, strict=False)
    return "until" if frame["until"].null_count() < frame.height else None


def size(events: list[dict[str, Any]], column: str) -> float:
    """The sum of what a column's numbers are at most: the scale of rounding."""
    numbers = [e[column] for e in events if column in "if" and e[column] is not None]
    return sum(abs(float(v)) for v in numbers if math.isfinite(v))


def close(seen: Any, right: Any, wanted: AggregationSpec, scale: float) -> bool:
    """Equal; numbers that round, within the error of rounding."""
    if isinstance(seen, list) and isinstance(right, list) and wanted["operation"].endswith("percentile"):
        return len(seen) == len(right) and all(
            close(*pair, wanted, scale) for pair in zip(seen, right, strict=True)
        )
    if not isinstance(right, float) or seen is None:
        return bool(seen == right)
    if wanted["operation"] == "approx_percentile":
        return math.isclose(seen, right, rel_tol=1 / 128)
    if wanted["operation"] in ("skew", "kurtosis"):
        return math.isclose(seen, right, rel_tol=1e-9, abs_tol=1e-9)
    if wanted["operation"] in ("variance", "stddev"):
        # A root turns an error of the square's digits into one of half as many.
        return math.isclose(
            seen, right, abs_tol=1e-14 * scale**2 if wanted["operation"] == "variance" else 1e-8 * scale
        )
    if wanted["operation"] in ADDING:
        return math.isclose(seen, right, rel_tol=1e-15, abs_tol=1e-14 * scale)
    return bool(seen == right) and not (seen == 0 and math.copysign(1, seen) < 0)


def check(
    events: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    wanted: list[AggregationSpec],
    inclusive: bool = False,
) -> None:
    """Fail where a value is not what the oracle says."""
    got = ours(events, rows, wanted, inclusive)
    assert got.height == len(rows)
    for each in wanted:
        scale = size(events, each["column"])
        for row, seen in zip(rows, got[each["name"]].to_list(), strict=True):
            right = oracle(events, row, each, inclusive)
            assert close(seen, right, each, scale), (each, row, seen, right)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Events and rows: ties, duplicates, nulls, what is not finite, extremes, late arrivals, deletes, before 1970."""
    base = draw(st.sampled_from([0, -40, -(10**15), 10**15, 9_999 * DAY]))
    late, changing = draw(st.booleans()), draw(st.booleans())
    ends = st.none() | st.integers(-5, 90).map(lambda x: base + x)
    time = st.integers(0, draw(st.sampled_from([6, 60]))).map(lambda x: base + x)
    key = {"k": st.sampled_from([1, 2, None])}
    event = st.fixed_dictionaries(
        {
            **key,
            "et": time,
            "av": st.integers(-5, 80).map(lambda x: base + x) if late else st.just(base - 100),
            "until": ends if changing else st.none(),
            "id": st.sampled_from([None, 1, 2, 3]),
            "i": st.sampled_from([None, -3, 0, 7, 7, 2**63 - 1, -(2**63)]),
            "f": st.sampled_from(
                [None, -0.0, 0.0, 0.1, -7.25, -7.25, 3.0, 1e-300, math.nan, math.inf, -math.inf]
            ),
            "s": st.sampled_from([None, "", "x", "yy", "ß"]),
            "b": st.sampled_from([None, True, False]),
            "at": st.sampled_from(
                [None, EPOCH, EPOCH - timedelta(microseconds=1), EPOCH + timedelta(days=20_000)]
            ),
        }
    )
    row = st.fixed_dictionaries({**key, "t": st.integers(-10, 100).map(lambda x: base + x)})
    unstarted = draw(st.booleans())
    events = draw(st.lists(event, max_size=25))
    # Ties that the declared order does not break may come out either way: equal rows only.
    unique = {(e["k"], e["et"], max(e["et"], e["av"]), e["id"]): e for e in events}
    rows = draw(st.lists(row, max_size=8))
    spans = [{"from": None if unstarted else r["t"] // 11 * 11 - 22, "to": r["t"] // 11 * 11} for r in rows]
    return list(unique.values()), [r | span for r, span in zip(rows, spans, strict=True)]


@pytest.mark.parametrize("column", COLUMNS)
def test_every_operation_and_window_equals_its_definition(column: str) -> None:
    wanted = aggregations(column, COLUMNS[column])

    @given(worlds(), st.booleans())
    @settings(max_examples=150, deadline=None)
    def holds(world: Any, inclusive: bool) -> None:
        check(*world, wanted, inclusive)

    holds()


@given(worlds(), st.randoms(), st.integers(0, 25))
@settings(max_examples=40, deadline=None)
def test_neither_order_nor_chunks_change_an_exact_value(world: Any, random: Any, cut: int) -> None:
    events, rows = world
    wanted = [each for c in ("i", "s") for each in aggregations(c, ORDERED + OTHERS)]
    frame = pl.DataFrame(events, schema=EVENTS, strict=False)
    order = list(range(len(events)))
    random.shuffle(order)
    mixed = frame[order] if events else frame
    chunked = pl.concat([mixed[:cut], mixed[cut:]], rechunk=False)
    assert ours(chunked, rows, wanted).equals(ours(frame, rows, wanted))


def test_lists_come_back_in_the_types_of_their_values() -> None:
    events = [{"k": 1, "et": 0, "av": 0, "id": 0, "i": 5, "f": 1.5, "s": "x", "b": True, "at": EPOCH}]
    wanted = [spec(c, c, "last_k", "unbounded", k=2) for c in ("i", "f", "s", "b", "at")]
    wanted += [
        spec("h", "at", "histogram", "unbounded"),
        spec("p", "i", "percentile", "unbounded", quantiles=[0, 1]),
    ]
    got = ours(events, [{"k": 1, "t": 9}, {"k": 2, "t": 9}], wanted)
    assert got.schema == pl.Schema({
        "i": pl.List(pl.Int64), "f": pl.List(pl.Float64), "s": pl.List(pl.String), "b": pl.List(pl.Boolean),
        "at": pl.List(pl.Datetime("us", "UTC")), "h": pl.List(pl.Struct({"key": pl.String, "value": pl.Int64})),
        "p": pl.List(pl.Float64),
    })  # fmt: skip
    assert got.row(0) == (
        [5], [1.5], ["x"], [True], [EPOCH], [{"key": "1970-01-01T00:00:00Z", "value": 1}], [5.0, 5.0]
    )  # fmt: skip
    assert got.row(1) == (None,) * 7


BAD: list[tuple[AggregationSpec, str]] = [
    (spec("n", "i", "last_k", "unbounded"), "'last_k' of 'n' needs k, at least 1"),
    (spec("n", "i", "percentile", "unbounded"), "'percentile' of 'n' needs quantiles, each from 0 to 1"),
    (spec("n", "i", "percentile", "unbounded", quantiles=[0.5, 95]), "needs quantiles, each from 0 to 1"),
    (spec("n", "i", "percentile", "unbounded", quantiles=[math.nan]), "needs quantiles, each from 0 to 1"),
    (spec("n", "i", "decayed_sum", "unbounded"), "needs half_life, a positive number of microseconds"),
    (spec("n", "i", "rate", "unbounded"), "'rate' of 'n' needs a window that has a start"),
    (spec("n", "s", "median", "unbounded"), "'median' of column 's', which is .*it adds"),
    (spec("n", "at", "variance", "unbounded"), "'variance' of column 'at', which is .*it adds"),
]


@pytest.mark.parametrize(("bad", "message"), BAD, ids=[m[:30] for _, m in BAD])
def test_a_parameter_that_lacks_is_asked_for(bad: AggregationSpec, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ours([], [], [bad])
