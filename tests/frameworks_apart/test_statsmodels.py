"""GLMs are statsmodels' own to the last places, are served natively without it, and say what they cannot learn from."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from apart import answers_elsewhere, saved
from statsmodels.tools.sm_exceptions import DomainWarning

from bighead.pipeline_lib.artifact import load
from bighead.pipeline_lib.errors import DataError, UnknownNameError
from bighead.pipeline_lib.frameworks import GLMClassifier, GLMRegressor
from bighead.pipeline_lib.pipeline import Pipeline

# Links that could leave a family's range, as they may.
pytestmark = pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.DomainWarning")
warnings.simplefilter("ignore", DomainWarning)
RANDOM = np.random.default_rng(0)
FRAME = pl.DataFrame(
    {"a": RANDOM.uniform(0, 1, 500), "b": RANDOM.uniform(0, 2, 500), "w": RANDOM.integers(1, 4, 500)}
)
MARGIN = 0.5 + FRAME["a"].to_numpy() * 0.7 + FRAME["b"].to_numpy() * 0.2
COUNTS = RANDOM.poisson(np.exp(MARGIN)).astype(float)
POSITIVE = RANDOM.gamma(3.0, np.exp(MARGIN) / 3.0)
TWO = (RANDOM.uniform(size=500) < 1 / (1 + np.exp(1 - MARGIN))).astype(int)
F = sm.families
L = F.links
CASES = {
    "gaussian": (GLMRegressor(), F.Gaussian(), POSITIVE),
    "gaussian log": (GLMRegressor(link="log"), F.Gaussian(L.Log()), POSITIVE),
    "poisson": (GLMRegressor("poisson"), F.Poisson(), COUNTS),
    "poisson sqrt": (GLMRegressor("poisson", "sqrt"), F.Poisson(L.Sqrt()), COUNTS),
    "gamma": (GLMRegressor("gamma"), F.Gamma(), POSITIVE),
    "gamma log": (GLMRegressor("gamma", "log"), F.Gamma(L.Log()), POSITIVE),
    "inverse gaussian": (GLMRegressor("inverse_gaussian"), F.InverseGaussian(), POSITIVE),
    "negative binomial": (
        GLMRegressor("negative_binomial", alpha=0.3),
        F.NegativeBinomial(alpha=0.3),
        COUNTS,
    ),
    "tweedie": (GLMRegressor("tweedie", var_power=1.3), F.Tweedie(var_power=1.3), COUNTS),
    "logit": (GLMClassifier(), F.Binomial(), TWO),
    "cloglog": (GLMClassifier("cloglog"), F.Binomial(L.CLogLog()), TWO),
    "no bias": (GLMRegressor(fit_intercept=False), F.Gaussian(), POSITIVE),
}


def on(step, columns=("a", "b")) -> Pipeline:
    p = Pipeline("glm")
    p[list(columns)] >>= step
    return p


@pytest.mark.parametrize("name", CASES)
def test_it_is_statsmodels_own_and_served_natively(name, tmp_path):
    step, family, target = CASES[name]
    rows = FRAME.select("a", "b").to_numpy()
    design = rows if name == "no bias" else sm.add_constant(rows)
    theirs = sm.GLM(target, design, family=family).fit().predict(design)
    ours = on(step).fit(FRAME, target)
    answered = ours.answer(FRAME).to_series().to_numpy()
    np.testing.assert_allclose(answered, theirs, rtol=1e-6)
    manifest = saved(ours, FRAME.select("a", "b"), tmp_path / "bundle")
    assert manifest.plan.lowered, manifest.plan.reason
    assert answers_elsewhere(tmp_path / "bundle", FRAME).equals(ours.answer(FRAME))
    native = load(tmp_path / "bundle").predict(FRAME).to_series().to_numpy()
    np.testing.assert_allclose(native, answered, rtol=1e-12)


def test_weights_are_repeated_rows():
    weighted = on(GLMRegressor("poisson", weight_column="w"), ("a", "b", "w")).fit(FRAME, COUNTS)
    many = FRAME.select(pl.all().repeat_by("w")).explode("a", "b", "w")
    again = on(GLMRegressor("poisson")).fit(many, np.repeat(COUNTS, FRAME["w"].to_numpy()))
    np.testing.assert_allclose(weighted.answer(FRAME).to_numpy(), again.answer(FRAME).to_numpy(), rtol=1e-7)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: GLMRegressor("poison"), UnknownNameError, "Did you mean 'poisson'"),
        (lambda: GLMRegressor(link="probit"), UnknownNameError, "link"),
        (lambda: GLMClassifier("log"), UnknownNameError, "'logit'"),
        (lambda: on(GLMClassifier()).fit(FRAME, ["x", "y", "z", "x", "y"] * 100), DataError, "3 classes"),
        (lambda: on(GLMRegressor()).fit(FRAME.with_columns(a=None), POSITIVE), DataError, "missing"),
        (lambda: on(GLMRegressor("poisson")).fit(FRAME, -COUNTS - 1), DataError, "statsmodels says|settle"),
        (
            lambda: on(GLMRegressor("poisson", max_iter=1)).fit(FRAME, COUNTS),
            DataError,
            "did not settle in 1",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(make, error, says):
    with pytest.raises(error, match=says):
        make()
