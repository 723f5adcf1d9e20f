"""Mixed models against dense solutions of the same equations, for few entities; and what entities may be."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

from bighead.pipeline_lib.artifact import InputColumn, load, save
from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError, UnknownNameError
from bighead.pipeline_lib.frameworks import MixedModelClassifier, MixedModelRegressor
from bighead.pipeline_lib.predefined import mixed_effects


def drawn(rows: int, hosts: int, seed: int = 0) -> tuple[pl.DataFrame, np.ndarray]:
    """Rows of some hosts, few of some of them, and margins of a known model."""
    random = np.random.default_rng(seed)
    host = (random.beta(1, 3, rows) * hosts).astype(int)
    x, y = random.normal(size=(2, rows))
    own, slope = random.normal(0, 1.5, hosts), random.normal(0, 0.7, hosts)
    margin = 0.5 + 2 * x - y + own[host] + slope[host] * x
    return pl.DataFrame({"host": [f"h{each}" for each in host], "x": x, "y": y}), margin


def dense(model, frame: pl.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """X with the bias last, Z of all effects, and the variance of each."""
    fixed = np.column_stack([frame["x"], frame["y"], np.ones(frame.height)])
    names = model.effects.categories
    own = (np.array(frame["host"])[:, None] == np.array(names)).astype(float)
    parts = [own, *(own * frame[name].to_numpy()[:, None] for name in model.slopes)]
    return fixed, np.hstack(parts), np.repeat(model.variances, len(names))


def effects(model) -> np.ndarray:
    return np.concatenate(model.effects.values)


@pytest.mark.parametrize("slopes", [[], ["x"], ["y", "x"]])
def test_normal_effects_solve_hendersons_equations(slopes):
    frame, margin = drawn(800, 25)
    labels = pl.Series(margin + np.random.default_rng(1).normal(0, 0.5, frame.height))
    model = MixedModelRegressor("host", slopes, penalty=0, tol=1e-9)
    model.fit(frame, labels)
    x, z, variances = dense(model, frame)
    both = np.hstack([x, z])
    left = both.T @ both / model.residual + np.diag([*np.zeros(3), *1 / variances])
    solved = np.linalg.solve(left, both.T @ labels.to_numpy() / model.residual)
    np.testing.assert_allclose([*model.weights, model.bias], solved[:3], atol=1e-6)
    np.testing.assert_allclose(effects(model), solved[3:], atol=1e-5)


def test_normal_variances_are_of_the_greatest_likelihood():
    frame, margin = drawn(300, 20)
    labels = margin + np.random.default_rng(1).normal(0, 0.5, frame.height)
    model = MixedModelRegressor("host", ["x"], penalty=0, tol=1e-9)
    model.fit(frame, pl.Series(labels))
    x, z, _ = dense(model, frame)

    def unlikely(logs: np.ndarray) -> float:
        variances = np.repeat(np.exp(logs[:-1]), len(model.effects.categories))
        spread = (z * variances) @ z.T + np.exp(logs[-1]) * np.eye(len(x))
        inverse = np.linalg.inv(spread)
        beta = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ labels)
        left = labels - x @ beta
        return float(np.linalg.slogdet(spread)[1] + left @ inverse @ left)

    found = np.log([*model.variances, model.residual])
    best = minimize(unlikely, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    assert unlikely(found) <= best.fun + 1e-5
    np.testing.assert_allclose(found, best.x, atol=2e-3)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_other_families_stand_where_the_penalised_likelihood_is_greatest(family):
    frame, margin = drawn(1500, 20)
    random = np.random.default_rng(2)
    if family == "binomial":
        labels = (random.random(frame.height) < 1 / (1 + np.exp(-margin))).astype(float)
        model = MixedModelClassifier("host", ["x"], penalty=0, tol=1e-9)
    else:
        labels = random.poisson(np.exp(margin / 3)).astype(float)
        model = MixedModelRegressor("host", ["x"], family="poisson", penalty=0, tol=1e-9)
    model.fit(frame, pl.Series(labels))
    x, z, variances = dense(model, frame)
    both = np.hstack([x, z])
    found = np.array([*model.weights, model.bias, *effects(model)])
    eta = both @ found
    mean = 1 / (1 + np.exp(-eta)) if family == "binomial" else np.exp(eta)
    slope = both.T @ (labels - mean) - np.array([0, 0, 0, *1 / variances]) * found
    assert np.abs(slope).max() < 1e-4
    # The variances are those of a pass: the mean of squares, and of what is not known.
    weight = mean * (1 - mean) if family == "binomial" else mean
    count = len(model.effects.categories)
    unsure = np.zeros((2, count))
    for at in range(count):
        own = z[:, [at, at + count]]
        unsure[:, at] = np.diag(
            np.linalg.inv(own.T @ (own * weight[:, None]) + np.diag(1 / variances[[at, -1]]))
        )
    expected = (np.array(model.effects.values) ** 2 + unsure).mean(axis=1)
    np.testing.assert_allclose(model.variances, expected, rtol=1e-5)


def test_known_parameters_are_found_again():
    frame, margin = drawn(60_000, 1500, seed=3)
    labels = pl.Series(margin + np.random.default_rng(1).normal(0, 0.5, frame.height))
    model = MixedModelRegressor("host", ["x"])
    model.fit(frame, labels)
    np.testing.assert_allclose(model.weights, [2, -1], atol=0.1)
    np.testing.assert_allclose(np.sqrt(model.variances), [1.5, 0.7], rtol=0.1)
    assert np.sqrt(model.residual) == pytest.approx(0.5, rel=0.03)


def test_the_order_of_rows_and_the_names_of_entities_do_not_matter():
    frame, margin = drawn(700, 40)
    labels = pl.Series(margin + np.random.default_rng(1).logistic(size=700)) > 0
    model, other, whole = (MixedModelClassifier("host", ["x"], tol=1e-9) for _ in range(3))
    model.fit(frame, labels)
    order = np.random.default_rng(5).permutation(frame.height).tolist()
    other.fit(frame[order], labels[order])
    numbers = frame.with_columns(pl.col("host").str.slice(1).cast(pl.Int64) + 2**62)
    whole.fit(numbers, labels)
    np.testing.assert_allclose(
        other.transform(frame)["probability"], model.transform(frame)["probability"], atol=1e-7
    )
    np.testing.assert_allclose(
        whole.transform(numbers)["probability"], model.transform(frame)["probability"], atol=1e-7
    )


def test_missing_and_new_entities_get_the_fixed_effects_only():
    frame, margin = drawn(500, 10)
    holes = frame.with_columns(host=pl.when(pl.int_range(500) % 7 > 0).then("host"))
    model = MixedModelRegressor("host", ["x"])
    model.fit(holes, pl.Series(margin))
    asked = pl.DataFrame({"host": [None, "never seen", "h0"], "x": [1.0] * 3, "y": [0.0] * 3})
    plain, new, own = model.transform(asked)["prediction"]
    assert plain == new == model.bias + model.weights[0]
    assert own != plain
    assert None not in model.effects.categories


def test_entities_that_do_not_differ_have_no_effects():
    frame, _ = drawn(400, 10)
    model = MixedModelRegressor("host")
    model.fit(frame, frame["x"] * 3 + pl.Series(np.random.default_rng(0).normal(0, 1.0, 400)))
    assert model.variances[0] < 0.05
    assert model.weights[0] == pytest.approx(3, abs=0.2)


def test_what_cannot_be_is_refused_with_the_cure():
    frame, margin = drawn(50, 5)
    labels = pl.Series(margin)
    with pytest.raises(UnknownNameError, match="Did you mean 'host'"):
        MixedModelRegressor("hosts").fit(frame, labels)
    with pytest.raises(SchemaError, match="Expected strings or whole numbers"):
        MixedModelRegressor("x").fit(frame.drop("host"), labels)
    with pytest.raises(SchemaError, match="OneHotLabelEncoder"):
        MixedModelRegressor("host").fit(frame.with_columns(room=pl.lit("a")), labels)
    with pytest.raises(DataError, match="NaNToMean"):
        MixedModelRegressor("host").fit(frame.with_columns(x=pl.lit(None, pl.Float64)), labels)
    with pytest.raises(DataError, match="sees no entity"):
        MixedModelRegressor("host").fit(frame.with_columns(host=pl.lit(None, pl.String)), labels)
    with pytest.raises(DataError, match="Counts are from 0"):
        MixedModelRegressor("host", family="poisson").fit(frame, labels)
    with pytest.raises(DataError, match="have 3 classes"):
        MixedModelClassifier("host").fit(frame, pl.Series([n % 3 for n in range(50)]))
    with pytest.raises(DefinitionError, match="Expected a list"):
        MixedModelRegressor("host", "x")
    with pytest.warns(UserWarning, match="stopped after 1 passes"):
        MixedModelRegressor("host", max_iter=1).fit(frame, labels)


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("slopes", [[], ["x"]])
@pytest.mark.parametrize("entity", [pl.String, pl.Int64])
def test_the_predefined_pipeline_is_served_natively_as_it_was_fitted(tmp_path, task, slopes, entity):
    frame, margin = drawn(600, 30)
    frame = frame.with_columns(
        pl.col("host").str.slice(1).cast(entity), room=pl.Series(["a", "b", None] * 200)
    )
    noisy = pl.Series(margin + np.random.default_rng(4).logistic(0, 0.5, 600))
    labels = noisy if task == "regression" else noisy > 0.5
    p = mixed_effects(["x", "y"], ["room"], entity="host", slopes=slopes, task=task).fit(frame, labels)
    assert p.score(frame, labels) > 0.8
    inputs = [InputColumn(each.name, each.dtype) for each in p.graph.inputs]
    manifest = save(p, tmp_path / "b", model="m", inputs=inputs, example_rows=frame.head(50))
    assert manifest.plan.lowered, manifest.plan.reason
    loaded = load(tmp_path / "b")
    loaded.reproduce()
    unseen = frame.with_columns(host=pl.lit(None, entity))
    for asked in (frame, unseen):
        np.testing.assert_allclose(loaded.predict(asked), p.transform(asked), rtol=1e-12)
    again = mixed_effects(["x", "y"], ["room"], entity="host", slopes=slopes, task=task).fit(frame, labels)
    assert save(again, tmp_path / "again", model="m", inputs=inputs, example_rows=frame).content_hash == (
        manifest.content_hash
    )
