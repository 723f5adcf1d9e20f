"""scikit-learn's estimators as steps: what they read, what they answer, and what they refuse."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from native_steps import same
from sklearn import preprocessing as pp
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import DBSCAN, KMeans, MeanShift
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from bighead.pipeline_lib.errors import ArtifactError, DataError, DefinitionError, SchemaError
from bighead.pipeline_lib.evaluation import importance
from bighead.pipeline_lib.frameworks import SklearnClassifier, SklearnRegressor, SklearnTransformer
from bighead.pipeline_lib.pipeline import Pipeline

RANDOM = np.random.default_rng(2)
ROWS = RANDOM.normal(size=(80, 2))
FRAME = pl.DataFrame(
    {
        "a": ROWS[:, 0],
        "b": ROWS[:, 1],
        "word": RANDOM.choice(["x", "y", "z"], 80).tolist(),
        "text": RANDOM.choice(["a quick fox", "a lazy dog", "fox and dog"], 80).tolist(),
    }
)
LABELS = pl.Series(np.where(ROWS[:, 0] > 0, "yes", "no"))


def stored(step):
    return type(step).from_state(step.params(), step.state())


def fitted(columns, step, labels=LABELS, frame=FRAME) -> Pipeline:
    p = Pipeline("steps")
    p[columns] >>= step
    return p.fit(frame, labels)


def agree(p: Pipeline, frame: pl.DataFrame = FRAME) -> pl.DataFrame:
    """Return answers, which the stored last step gives, too, bit for bit."""
    node = p.graph.nodes[-1]
    answered = p.transform(frame)
    if len(p.graph.nodes) == 1:
        assert stored(node.step).transform(frame.select(p.input_columns)).equals(answered, null_equal=True)
    return answered


# Whether the last bits of an answer depend on how many rows are asked at once, since products of matrices do.
MODELS = {
    "forest": (RandomForestClassifier(5), False),
    "boosted": (GradientBoostingClassifier(n_estimators=5), False),
    "histograms": (HistGradientBoostingClassifier(max_iter=5), False),
    "bayes": (GaussianNB(), False),
    "neighbours": (KNeighborsClassifier(), False),
    "machine": (SVC(), False),
    "calibrated": (CalibratedClassifierCV(SVC()), False),
    "voting": (VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression(C=2))], voting="soft"), True),
    "process": (GaussianProcessClassifier(), True),
    "logistic": (make_pipeline(pp.StandardScaler(), LogisticRegression()), False),
}


@pytest.mark.parametrize("name", MODELS)
def test_one_row_is_answered_as_among_many(name):
    model, by_batch = MODELS[name]
    p = fitted(["a", "b"], model)
    answered = agree(p)
    for row in range(10):
        one = p.transform(FRAME[row])
        if by_batch:
            np.testing.assert_allclose(one.to_numpy(), answered[row].to_numpy(), rtol=1e-12)
        else:
            same(one, answered[row])


@pytest.mark.parametrize("name", MODELS)
def test_rows_that_the_estimator_refuses_are_answered_with_missing(name):
    model, _ = MODELS[name]
    p = fitted(["a", "b"], model)
    hard = pl.DataFrame({"a": [None, 0.5, float("inf"), 0.1], "b": [0.0, 0.5, 0.0, 0.2]})
    answered = agree(p, hard).to_series()
    takes_missing = model.__sklearn_tags__().input_tags.allow_nan
    assert (answered[0] is None) != takes_missing
    assert answered[[1, 3]].null_count() == 0
    # Those with a native form answer what is infinite, too.
    assert name in ("logistic", "histograms") or answered[2] is None
    nothing = p.transform(hard.clear())
    assert nothing.shape == (0, 1)
    assert nothing.schema == answered.to_frame().schema


def test_labels_of_any_kind_and_many_classes():
    p = fitted(["a", "b"], GaussianNB(), pl.Series(np.digitize(ROWS[:, 0], [-0.5, 0.5])))
    assert agree(p).columns == ["probability_0", "probability_1", "probability_2"]
    p = fitted(["a", "b"], SVC())
    assert p.output_columns == ("decision",)
    assert set(p.predict(FRAME)) == {"no", "yes"}
    assert p.score(FRAME, LABELS) > 0.9


def test_texts_are_read_where_the_estimator_takes_them():
    assert agree(fitted(["word"], pp.OneHotEncoder())).columns == ["word_x", "word_y", "word_z"]
    encoder = pp.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    p = fitted(["word", "a"], encoder)
    assert p.transform(FRAME.with_columns(word=pl.lit("new")))["word"].unique().to_list() == [-1.0]
    assert agree(fitted("text", CountVectorizer())).columns == ["and", "dog", "fox", "lazy", "quick"]
    missing = pl.DataFrame({"text": ["fox", None]})
    assert fitted("text", CountVectorizer()).transform(missing)["fox"].to_list() == [1, 0]
    with pytest.raises(SchemaError, match="a CountVectorizer reads one column, and was given 'word', 'text'"):
        fitted(["word", "text"], CountVectorizer())
    with pytest.raises(SchemaError, match=r"a SVC reads numbers, and 'word' are texts.*OneHotLabelEncoder"):
        fitted(["a", "word"], SVC())


def test_columns_are_chosen_by_name_in_a_column_transformer():
    chosen = make_column_transformer((pp.StandardScaler(), ["a"]), (pp.OneHotEncoder(), ["word"]))
    p = fitted(["a", "word"], make_pipeline(chosen, LogisticRegression()))
    assert p.score(FRAME, LABELS) > 0.9
    agree(p)


def test_wide_sparse_answers_are_one_column_that_models_read():
    p = Pipeline("texts")
    p["text"] >>= [HashingVectorizer(n_features=5000, alternate_sign=False), MultinomialNB()]
    topic = (FRAME["text"] == "a lazy dog").cast(pl.Int64)
    p.fit(FRAME, topic)
    assert p.score(FRAME, topic) == 1.0
    made = p[:1].transform(FRAME)
    assert made.columns == ["hashingvectorizer"]
    indices = made.to_series()[0].struct.field("index").to_list()
    assert indices == sorted(indices)
    rows = HashingVectorizer(n_features=5000, alternate_sign=False).transform(FRAME["text"].to_list())
    # Columns behind the last that training saw are not there for the model.
    rows = rows[:, : rows.indices.max() + 1]
    theirs = MultinomialNB().fit(rows, topic)
    assert np.array_equal(p.predict_proba(FRAME)[:, 1], theirs.predict_proba(rows)[:, 1])


def test_clusterers_mixtures_and_detectors_are_transformers():
    assert agree(fitted(["a", "b"], KMeans(3), None)).columns == ["kmeans0", "kmeans1", "kmeans2"]
    assert agree(fitted(["a", "b"], MeanShift(), None)).columns == ["meanshift0"]
    assert agree(fitted(["a", "b"], GaussianMixture(2), None)).columns == [
        "gaussianmixture0",
        "gaussianmixture1",
    ]
    assert set(agree(fitted(["a", "b"], IsolationForest(n_estimators=5), None)).to_series()) <= {-1, 1}
    with pytest.raises(DefinitionError, match="a DBSCAN answers nothing to rows that it was not fitted on"):
        fitted(["a", "b"], DBSCAN(), None)


def test_target_encoding_is_cross_fitted_in_training():
    p = Pipeline("targets")
    p["word"] >>= SklearnTransformer(pp.TargetEncoder())
    step = p.steps[0]
    truth = (LABELS == "yes").cast(pl.Int64)
    trained = step.clone().fit_transform(FRAME.select("word"), truth)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    expected = pp.TargetEncoder(cv=folds).fit_transform(FRAME.select("word").to_numpy(), truth.to_numpy())
    assert np.array_equal(trained.to_numpy(), expected)
    assert not trained.equals(p.fit(FRAME, truth).transform(FRAME))


def test_one_column_of_numbers_where_an_estimator_reads_one():
    p = fitted(["a"], IsotonicRegression(out_of_bounds="clip"), FRAME["a"] * 2)
    assert agree(p)["prediction"].to_list() == pytest.approx((FRAME["a"] * 2).to_list())
    with pytest.raises(SchemaError, match="reads one column"):
        fitted(["a", "b"], IsotonicRegression(), FRAME["a"])


def test_the_users_object_is_not_touched_and_no_seed_is_seed_0():
    forest = RandomForestRegressor(3)
    one, other = (fitted(["a", "b"], SklearnRegressor(forest), FRAME["a"]) for _ in range(2))
    assert not hasattr(forest, "estimators_")
    assert forest.random_state is None
    assert one.transform(FRAME).equals(other.transform(FRAME))
    assert one.graph.nodes[-1].step.state() == other.graph.nodes[-1].step.state()
    step = SklearnRegressor(forest.set_params(random_state=None))
    assert step.random_state is None
    step.random_state = 7
    assert fitted(["a", "b"], step, FRAME["a"]).graph.nodes[-1].step.random_state == 7


def test_output_that_the_user_set_to_frames_is_read():
    scaler = pp.MinMaxScaler().set_output(transform="polars")
    assert agree(fitted(["a", "b"], scaler, None)).columns == ["a", "b"]
    powers = pp.PolynomialFeatures(2, include_bias=False).set_output(transform="pandas")
    assert agree(fitted(["a", "b"], powers, None)).columns == ["a", "b", "a^2", "a b", "b^2"]


def test_what_the_inputs_contributed():
    for model in (RandomForestClassifier(5), SVC(kernel="linear")):
        weights = importance(fitted(["a", "b"], model), FRAME, LABELS)
        assert weights["a"] > weights["b"]
    with pytest.raises(DataError, match="does not say what its inputs contributed"):
        importance(fitted(["a", "b"], GaussianNB()), FRAME, LABELS, method="gain")


def test_what_cannot_be_learnt_from_is_named():
    holes = FRAME.with_columns(a=pl.when(pl.col("a") > 0).then("a"))
    with pytest.raises(DataError, match=r"SVC cannot learn from missing values, as in 'a'.*NaNToMean"):
        fitted(["a", "b"], SVC(), LABELS, holes)
    assert fitted(["a", "b"], HistGradientBoostingClassifier(), LABELS, holes).fitted
    with pytest.raises(DataError, match="C"):
        fitted(["a", "b"], SVC(C=-1.0))
    with pytest.raises(DataError, match="is not fitted"):
        SklearnClassifier(GaussianNB()).transform(FRAME)
    with pytest.raises(DataError, match="fitted on 'a', 'b', and is given 'a'"):
        fitted(["a", "b"], SVC()).graph.nodes[-1].step.transform(FRAME.select("a"))


def test_state_of_another_class_is_refused():
    step = fitted(["a", "b"], GaussianNB()).graph.nodes[-1].step
    with pytest.raises(ArtifactError, match="another's"):
        SklearnClassifier.from_state({"estimator": "sklearn.svm:SVC"}, step.state())
