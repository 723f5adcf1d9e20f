"""Branches that join, pipelines in pipelines, columns chosen by type, role and pattern."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.artifact import InputColumn, load, save
from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError, SchemaError, UnknownNameError
from bighead.pipeline_lib.pipeline import Model, Pipeline, Transformer
from bighead.pipeline_lib.pipeline.running import MANY_ROWS
from bighead.pipeline_lib.pipeline.selecting import (
    Select,
    booleans,
    by_type,
    everything,
    matching,
    named,
    numeric,
    role,
    strings,
    times,
)
from bighead.pipeline_lib.transforms import (
    DatetimeParts,
    Difference,
    Keep,
    MinMaxScaler,
    NaNToMean,
    OneHotLabelEncoder,
    Ratio,
    StandardScaler,
)

ROWS = pl.DataFrame(
    {
        "price": [350.0, 80.0, None, 120.0],
        "nights": [7, 1, 3, 2],
        "town": ["Paris", None, "Rome", "Paris"],
        "paid": [True, False, None, True],
        "at": [datetime(2013, 1, 1), None, datetime(2013, 7, 4, 9), datetime(2013, 12, 31)],
    }
)


def test_a_step_reads_what_branches_before_it_wrote() -> None:
    p = Pipeline("stays")
    p[["price", "nights"]] >>= Ratio("rate")
    p["nights"] >>= StandardScaler()
    p[["rate", "nights"]] >>= Difference("off")
    seen = p.fit(ROWS).transform(ROWS)
    assert p.input_columns == ("price", "nights")
    assert p.lineage() == {"off": ("price", "nights")}
    nights = ROWS["nights"].to_numpy()
    wanted = ROWS["price"].to_numpy() / nights - (nights - nights.mean()) / nights.std()
    np.testing.assert_allclose(seen["off"].fill_null(float("nan")).to_numpy(), wanted, rtol=1e-12)


def test_a_name_that_nobody_writes_is_refused_before_anything_is_fitted() -> None:
    class Never(MinMaxScaler):
        def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
            raise AssertionError("it was fitted")

    p = Pipeline("stays")
    p["price"] >>= Never()
    p["nigths"] >>= StandardScaler()
    with pytest.raises(SchemaError, match="lacks the column 'nigths'") as refused:
        p.fit(ROWS)
    assert "Did you mean 'nights'" in refused.value.cure
    p = Pipeline("stays")
    p["price"] >>= Never()
    p["town"] >>= StandardScaler()
    with pytest.raises(SchemaError, match=r"step 1 \(StandardScaler\) got the columns 'town' String"):
        p.fit(ROWS)


def test_columns_are_chosen_by_type_role_and_pattern() -> None:
    dtypes = ROWS.schema
    roles = {"price": "feature:stays", "nights": "context", "town": "key"}
    chosen: dict[tuple[str, ...], Select] = {
        ("price", "nights"): numeric(),
        ("town",): strings(),
        ("paid",): booleans(),
        ("at",): times(),
        ("price", "town"): by_type("float64", "string"),
        ("nights", "town", "paid", "at"): everything() - named("price", "absent"),
        ("price", "paid"): matching("^p"),
        ("price",): matching("^p") & numeric(),
        ("price", "town", "paid"): matching("^p") | strings(),
    }
    for names, select in chosen.items():
        assert select.among(dtypes, roles) == names
        assert Select.from_plain(select.to_plain()) == select
    assert role("feature").among(dtypes, roles) == role("feature:stays").among(dtypes, roles) == ("price",)
    assert role("key").among(dtypes, roles) == ("town",)


def test_choices_that_cannot_be_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="float"):
        by_type("float")
    with pytest.raises(DefinitionError, match="regular expression"):
        matching("(")
    with pytest.raises(DefinitionError, match="role"):
        role("labels")
    p = Pipeline("stays")
    p[role("key")] >>= Keep()
    with pytest.raises(SchemaError, match="of the role 'key'; there are none") as refused:
        p.fit(ROWS)
    assert "roles" in refused.value.cure


def prepared() -> Pipeline:
    """A pipeline of chosen columns and of one within it."""
    numbers = Pipeline("numbers")
    numbers[numeric()] >>= [NaNToMean(), StandardScaler()]
    p = Pipeline("stays")
    p[numeric() | booleans()] >>= numbers
    p[strings()] >>= OneHotLabelEncoder()
    p[times()] >>= [DatetimeParts(["month"]), MinMaxScaler()]
    return p


def test_what_was_chosen_is_stored_and_chosen_again_by_another_fit(tmp_path: Path) -> None:
    p = prepared().fit(ROWS)
    assert p.input_columns == ("price", "nights", "town", "at")
    assert p.output_columns == ("price", "nights", "town=Paris", "town=Rome", "at_month")
    inputs = [InputColumn(each.name, each.dtype) for each in p.graph.inputs]
    save(p, tmp_path / "bundle", model="stays", inputs=inputs, example_rows=ROWS)
    artifact = load(tmp_path / "bundle")
    artifact.reproduce()
    assert artifact.manifest.plan.lowered
    again = artifact.pipeline.clone().fit(ROWS.select("nights", "town", "at"))
    assert again.output_columns == ("nights", "town=Paris", "town=Rome", "at_month")
    assert again.transform(ROWS)["nights"].equals(p.transform(ROWS)["nights"])


def test_a_pipeline_within_sees_what_it_was_put_on_and_gives_what_it_holds() -> None:
    inner = Pipeline("inner")
    inner["price"] >>= NaNToMean()
    inner[["price", "nights"]] >>= Ratio("price")
    p = Pipeline("outer")
    p["price"] >>= MinMaxScaler()
    p[["price", "nights"]] >>= [inner, StandardScaler()]
    p["nights"] >>= Keep()
    seen = p.fit(ROWS).transform(ROWS)
    flat = Pipeline("flat")
    flat["price"] >>= [MinMaxScaler(), NaNToMean()]
    flat[["price", "nights"]] >>= [Ratio("price"), StandardScaler()]
    flat["nights"] >>= Keep()
    assert seen.equals(flat.fit(ROWS).transform(ROWS))
    assert p[:3].transform(ROWS).columns == ["price"]
    assert p.clone().fit(ROWS).transform(ROWS).equals(seen)
    assert "Ratio" in p.describe("text")
    narrow = Pipeline("narrow")
    narrow["price"] >>= inner
    with pytest.raises(SchemaError, match="reads 'nights'; by then there are 'price'"):
        narrow.fit(ROWS)
    with pytest.raises(DefinitionError, match="'none' has no steps"):
        p["price"] >>= Pipeline("none")


def test_pipelines_nest() -> None:
    first, second, p = Pipeline("a"), Pipeline("b"), Pipeline("c")
    first >>= StandardScaler()
    second["price"] >>= NaNToMean()
    second >>= first
    p[["price", "nights"]] >>= second
    p["nights"] >>= Keep()
    assert p.fit(ROWS).output_columns == ("price", "nights")
    assert p.lineage() == {"price": ("price",), "nights": ("nights",)}


class Shifted(Transformer):
    """Subtracts the mean, in Python."""

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        self.means = {series.name: series.mean() for series in frame}

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(pl.col(name) - mean for name, mean in self.means.items())


class Renamed(Transformer):
    """Writes another name than it reads."""

    def __init__(self, to: str) -> None:
        self.to = to

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(pl.all().alias(self.to))


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), st.booleans())
def test_branches_beside_each_other_are_as_one_after_the_other(order: list[str], many: bool) -> None:
    height = MANY_ROWS if many else 10
    random = np.random.default_rng(len(order))
    frame = pl.DataFrame({name: random.normal(size=height) for name in "abcd"})
    p, values = Pipeline("p"), {name: frame[name] for name in "abcd"}
    for place, name in enumerate(order):
        # Every other step writes the column that the next letter stands for.
        to = "abcd"[("abcd".index(name) + place % 2) % 4]
        p[name] >>= [Shifted(), Renamed(to)]
        values[to] = values[name] - values[name].mean()
    try:
        seen = p.fit(frame).transform(frame)
    except NameCollisionError:
        return
    for name in seen.columns:
        # Sums of other layouts in memory differ in their last bits.
        np.testing.assert_allclose(seen[name].to_numpy(), values[name].to_numpy(), rtol=0, atol=1e-12)


def test_a_model_is_fitted_alone() -> None:
    assert Model.alone
    assert not Shifted.alone
