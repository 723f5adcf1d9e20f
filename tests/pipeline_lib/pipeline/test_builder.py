"""The syntax of the paper, what a pipeline holds after each step, and what it says when something does not fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from listings import NUMERIC, every_transform, forest, listings

from bighead.pipeline_lib.errors import DataError, DefinitionError, NameCollisionError, SchemaError
from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.pipeline import Pipeline, Transformer
from bighead.pipeline_lib.transforms import HashEncoder, NaNToMean, OneHotLabelEncoder, StandardScaler


@pytest.fixture(scope="module")
def fitted():
    frame, labels = listings()
    return forest().fit(frame, labels), frame, labels


def test_a_classifier_answers_the_probability_of_the_second_class(fitted):
    p, frame, labels = fitted
    answered = p.transform(frame)
    assert answered.columns == ["probability"]
    assert np.array_equal(p.predict_proba(frame)[:, 1], answered["probability"].to_numpy())
    assert p.predict(frame).to_list() == (answered["probability"] > 0.5).cast(pl.Int8).to_list()
    assert p.score(frame, labels) == pytest.approx((p.predict(frame) == labels).mean())
    assert p.score(frame, labels) > 0.8


@pytest.mark.parametrize(
    ("give", "kind"),
    [
        (lambda f: f.to_pandas(), pd.DataFrame),
        (lambda f: f.to_arrow(), pa.Table),
        (lambda f: f.to_dict(as_series=False), dict),
        (lambda f: f.to_dicts(), list),
        (lambda f: f.lazy(), pl.DataFrame),
    ],
    ids=["pandas", "arrow", "dict", "rows", "lazy"],
)
def test_the_answer_is_of_the_callers_kind_and_the_same(fitted, give, kind):
    p, frame, _ = fitted
    rows = frame.head(50)
    answered = p.transform(give(rows))
    assert isinstance(answered, kind)
    same = pl.DataFrame(answered) if not isinstance(answered, pd.DataFrame) else pl.from_pandas(answered)
    assert same["probability"].to_list() == p.transform(rows)["probability"].to_list()


def test_pandas_keeps_its_index(fitted):
    p, frame, _ = fitted
    rows = frame.head(3).to_pandas()
    rows.index = [7, 5, 3]
    assert list(p.transform(rows).index) == [7, 5, 3]
    assert list(p.predict(rows).index) == [7, 5, 3]


@pytest.mark.parametrize(
    "labels", [list, np.array, lambda s: s.to_pandas(), lambda s: s.to_frame(), pa.array]
)
def test_labels_of_any_kind_teach_the_same(fitted, labels):
    _, frame, truth = fitted
    expected = forest(3).fit(frame, truth).transform(frame)
    assert forest(3).fit(frame, labels(truth)).transform(frame).equals(expected)


def test_a_label_column_is_no_input():
    frame, labels = listings()
    p = Pipeline("all")
    p >>= XGBClassifier(n_estimators=2, n_jobs=1)
    p.fit(frame.select(NUMERIC).with_columns(labels), "is_rental")
    assert p.input_columns == tuple(NUMERIC)


def test_later_steps_of_a_chain_read_what_the_first_made():
    frame, _ = listings()
    p = Pipeline("chain")
    p["room"] >>= [OneHotLabelEncoder(), StandardScaler()]
    made = p.fit(frame).transform(frame)
    assert made.columns == ["room=flat", "room=house", "room=été"]
    assert made["room=flat"].mean() == pytest.approx(0.0, abs=1e-12)


def test_a_selection_reads_the_newest_version_and_branches_read_the_same():
    p = Pipeline("branches")
    p["n"] >>= NaNToMean()
    p["n"] >>= StandardScaler()
    p["c"] >>= OneHotLabelEncoder()
    p["c"] >>= HashEncoder(buckets=4)
    made = p.fit({"n": [1.0, None, 3.0], "c": ["a", "b", "a"]}).transform({"n": [None], "c": ["b"]})
    seen = {name: values.tolist() for name, values in made.items()}
    bucket = HashEncoder(buckets=4).transform(pl.DataFrame({"c": ["b"]}))["c"].to_list()
    assert seen == {"n": [0.0], "c=a": [0], "c=b": [1], "c": bucket}


def test_fitting_leaves_the_users_steps_and_clones_unfitted():
    frame, _ = listings()
    step = NaNToMean()
    p = Pipeline("one")
    p["price"] >>= step
    p.fit(frame)
    assert step.means == {}
    assert not p.clone().fitted
    with pytest.raises(DataError, match="not fitted"):
        p.clone().transform(frame)


def test_a_slice_is_what_the_model_sees(fitted):
    p, frame, _ = fitted
    seen = p[:-1].transform(frame)
    assert seen.columns == [*NUMERIC, "room=flat", "room=house", "room=été", "city"]
    assert seen["price"].null_count() == 0


def test_lineage_names_the_inputs_behind_every_answer(fitted):
    p, _, _ = fitted
    assert p.lineage() == {"probability": ("price", "nights", "instant", "room", "city")}
    assert p[:-1].lineage()["room=flat"] == ("room",)


def test_row_by_row_is_the_batch():
    frame, _ = listings(80)
    p = every_transform().fit(frame)
    batch = p.transform(frame)
    assert pl.concat([p.transform(frame[at]) for at in range(frame.height)]).equals(batch)


def test_times_are_microseconds():
    times = pl.Series("at", ["2013-01-01T00:00:00.000001"]).str.to_datetime(time_zone="UTC")
    p = Pipeline("times")
    p["at"] >>= HashEncoder(buckets=2**40)
    as_numbers = Pipeline("numbers")
    as_numbers["at"] >>= HashEncoder(buckets=2**40)
    micros = times.cast(pl.Int64).to_frame()
    assert (
        p.fit(times.to_frame()).transform(times.to_frame()).equals(as_numbers.fit(micros).transform(micros))
    )
    assert p.transform(times.dt.cast_time_unit("ns").to_frame()).equals(p.transform(times.to_frame()))


class Halving(Transformer):
    """A user's own step."""

    takes = frozenset({"float64"})

    def transform(self, frame):
        return frame.select(pl.all() / 2)


class Losing(Transformer):
    def transform(self, frame):
        return frame.head(1)


def test_a_users_own_step_needs_transform_only():
    p = Pipeline("own")
    p["n"] >>= Halving()
    assert p.fit({"n": [1.0]}).transform({"n": [3.0]})["n"].tolist() == [1.5]


def test_a_step_that_loses_rows_is_named():
    p = Pipeline("own")
    p["n"] >>= Losing()
    with pytest.raises(DataError, match=r"step 0 \(Losing\) answered 1 rows for 2 rows"):
        p.fit({"n": [1.0, 2.0]})


def test_a_string_for_a_number_is_named_with_the_cure():
    p = Pipeline("typed")
    p[["room", "price"]] >>= StandardScaler()
    with pytest.raises(SchemaError, match=r"step 0 \(StandardScaler\) got the columns 'room' String.*OneHot"):
        p.fit(listings()[0])


def test_an_absent_column_is_named_with_the_nearest(fitted):
    p, frame, _ = fitted
    with pytest.raises(
        SchemaError, match=r"lacks the column 'price'; it has .*'prize'.*Did you mean 'prize'"
    ):
        p.transform(frame.rename({"price": "prize"}))


def test_another_type_than_at_fit_is_refused_unless_it_holds_the_same(fitted):
    p, frame, _ = fitted
    expected = p.transform(frame)
    assert p.transform(frame.with_columns(pl.col("nights").cast(pl.Float64))).equals(expected)
    assert p.transform(frame.with_columns(pl.col("room").cast(pl.Categorical))).equals(expected)
    with pytest.raises(SchemaError, match="'nights' is Float64, expected int64"):
        p.transform(frame.with_columns(pl.col("nights") + 0.5))
    with pytest.raises(SchemaError, match="'price' is String, expected float64"):
        p.transform(frame.with_columns(pl.col("price").cast(pl.String)))
    with pytest.raises(SchemaError, match="'instant' is Int64, expected bool"):
        p.transform(frame.with_columns(pl.col("instant").cast(pl.Int64)))


def test_a_column_of_nulls_is_a_column_of_missing_values(fitted):
    p, frame, _ = fitted
    nulls = frame.with_columns(pl.lit(None).alias("room"))
    assert p.transform(nulls).equals(p.transform(nulls.with_columns(pl.col("room").cast(pl.String))))


def test_two_branches_that_write_one_name_collide():
    p = Pipeline("twice")
    p["a"] >>= XGBClassifier(n_estimators=1)
    p["b"] >>= XGBClassifier(n_estimators=1)
    with pytest.raises(NameCollisionError, match=r"step 1 .* writes 'probability'"):
        p.fit({"a": [1.0, 2.0], "b": [1.0, 2.0]}, [0, 1])


@pytest.mark.parametrize("columns", [[], ["a", "a"], [1], ""])
def test_columns_must_be_names_each_once(columns):
    with pytest.raises(DefinitionError):
        Pipeline("p")[columns] >>= NaNToMean()


def test_slips_are_refused():
    p = Pipeline("p")
    with pytest.raises(DefinitionError, match=r"Put an object there: NaNToMean\(\)"):
        p["a"] >>= NaNToMean
    with pytest.raises(DefinitionError, match="cannot be set"):
        p["a"] = NaNToMean()
    with pytest.raises(DefinitionError, match="has no steps"):
        p.fit({"a": [1]})
    p["a"] >>= NaNToMean()
    with pytest.raises(DataError, match="no rows"):
        p.fit({"a": []})
    with pytest.raises(DataError, match="1 labels for 2 rows"):
        p.fit({"a": [1, 2]}, [1])
    with pytest.raises(DataError, match="1 labels are missing"):
        p.fit({"a": [1, 2]}, [1, None])
    with pytest.raises(DataError, match="came as a int"):
        p.fit(5)
