"""GLMRegressor and GLMClassifier: statsmodels' generalised linear models, kept as plain weights that run natively."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.extras import import_extra
from bighead.pipeline_lib.frameworks.linear_predictor import LINKS, LinearPredictor
from bighead.pipeline_lib.frameworks.training_rows import training_rows
from bighead.pipeline_lib.pipeline.transformer import Model, PlanStep, State, matrix

# A family's class at statsmodels, and the link that it takes by default.
FAMILIES = {
    "gaussian": ("Gaussian", "identity"),
    "poisson": ("Poisson", "log"),
    "gamma": ("Gamma", "inverse_power"),
    "inverse_gaussian": ("InverseGaussian", "inverse_squared"),
    "negative_binomial": ("NegativeBinomial", "log"),
    "tweedie": ("Tweedie", "log"),
}
_CLASSES = {
    "identity": "Identity",
    "log": "Log",
    "logit": "Logit",
    "sqrt": "Sqrt",
    "inverse_power": "InversePower",
    "inverse_squared": "InverseSquared",
    "cloglog": "CLogLog",
}
_Array = np.ndarray[Any, Any]
LARGEST = float(np.finfo(np.float64).max)


@dataclass(eq=False)
class GLM(Model):
    """What the regressor and the classifier share; they are fitted by iteratively reweighted least squares."""

    max_iter: int = 100
    tol: float = 1e-8
    fit_intercept: bool = True
    weight_column: str | None = None
    predictor: LinearPredictor | None = field(init=False, repr=False, default=None)
    classes: list[Any] = field(init=False, repr=False, default_factory=list)
    given: tuple[str, ...] = field(init=False, repr=False, default=())

    def _family(self, families: Any) -> tuple[Any, str]:
        """Return statsmodels' family, and the link's name."""
        raise NotImplementedError

    def _learn(self, frame: pl.DataFrame, target: _Array) -> None:
        package = import_extra("statsmodels.api", "statsmodels", "statsmodels")
        label_codes.check_finite(type(self).__name__, frame, LARGEST, missing=False)
        rows = training_rows(frame, target.astype(np.float64), self.weight_column)
        values = matrix(rows.frame, np.float64)
        design = np.column_stack([np.ones(len(values)), values]) if self.fit_intercept else values
        try:
            with warnings.catch_warnings():
                # What it warns of ends in weights that are not finite, or that do not settle: both are refused below.
                warnings.simplefilter("ignore")
                family, link = self._family(package.families)
                model = package.GLM(rows.target, design, family=family, freq_weights=rows.weights)
                fitted = model.fit(maxiter=self.max_iter, tol=self.tol)
        except (ValueError, np.linalg.LinAlgError, FloatingPointError) as error:
            raise DataError(
                f"statsmodels says: {str(error)[:500]}", cure="See the family's range."
            ) from error
        found = np.asarray(fitted.params, dtype=np.float64)
        if not fitted.converged or not np.isfinite(found).all():
            raise DataError(
                f"the weights did not settle in {self.max_iter} rounds.",
                cure="Scale the columns (StandardScaler), take another link, or raise max_iter.",
            )
        bias, weights = (found[0], found[1:]) if self.fit_intercept else (0.0, found)
        self.given = tuple(frame.columns)
        self.predictor = LinearPredictor(
            tuple(rows.frame.columns), tuple(weights.tolist()), float(bias), link
        )

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row; a missing value gives a missing answer."""
        return pl.DataFrame([pl.Series(self.answers()[0], self._fitted().answer(frame)).fill_nan(None)])

    def _fitted(self) -> LinearPredictor:
        if self.predictor is None:
            raise DataError(f"the {type(self).__name__} is not fitted.", cure="Call p.fit(frame, labels).")
        return self.predictor

    def state(self) -> State:
        """Weights, link, columns and classes."""
        classes = {"class": [json.dumps(each) for each in self.classes]}
        return {
            **self._fitted().tables(),
            "columns": pl.DataFrame({"column": list(self.given)}, schema={"column": pl.String}),
            "classes": pl.DataFrame(classes, schema={"class": pl.String}),
        }

    def restore(self, state: State) -> None:
        """Take up weights, link, columns and classes; statsmodels is not needed any more."""
        weights, link, columns, classes = (state[part] for part in ("weights", "link", "columns", "classes"))
        assert isinstance(weights, pl.DataFrame)
        assert isinstance(link, pl.DataFrame)
        assert isinstance(columns, pl.DataFrame)
        assert isinstance(classes, pl.DataFrame)
        self.predictor = LinearPredictor.from_tables(weights, link)
        self.given = tuple(columns["column"])
        self.classes = [json.loads(each) for each in classes["class"]]

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return a linear step and the inverse of the link."""
        predictor = self._fitted()
        told = dict(zip(self.given, inputs, strict=True))
        return predictor.lower([told[name] for name in predictor.columns], outputs[0])

    def gains(self) -> dict[str, float]:
        """Return the |weight| of each column: comparable where the columns are on one scale."""
        predictor = self._fitted()
        sizes = dict(zip(predictor.columns, map(abs, predictor.weights), strict=True))
        return {name: sizes.get(name, 0.0) for name in self.given}


@dataclass(eq=False)
class GLMRegressor(GLM):
    """A generalised linear model of a number, fitted by statsmodels; missing values are refused at fit.

    Args:
        family: `gaussian`, `poisson`, `gamma`, `inverse_gaussian`, `negative_binomial` or `tweedie`.
        link: `identity`, `log`, `sqrt`, `inverse_power`, `inverse_squared`, `cloglog`; by default the family's own.
        alpha: The dispersion of `negative_binomial`.
        var_power: Of `tweedie`: the variance is μ to this power.
        max_iter: Most rounds.
        tol: When they end: by how much the deviance still falls.
        fit_intercept: Whether there is a bias.
        weight_column: The column that says how often each training row counts.

    Raises:
        UnknownNameError: another family or link.

    >>> GLMRegressor("poisson").family
    'poisson'
    """

    family: str = "gaussian"
    link: str | None = None
    alpha: float = 1.0
    var_power: float = 1.5
    classifies = False

    def __init__(
        self,
        family: str = "gaussian",
        link: str | None = None,
        alpha: float = 1.0,
        var_power: float = 1.5,
        max_iter: int = 100,
        tol: float = 1e-8,
        fit_intercept: bool = True,
        weight_column: str | None = None,
    ) -> None:
        super().__init__(max_iter, tol, fit_intercept, weight_column)
        self.family, self.link, self.alpha, self.var_power = family, link, alpha, var_power
        if family not in FAMILIES:
            raise UnknownNameError("family of GLMs", family, FAMILIES)
        if link is not None and link not in LINKS:
            raise UnknownNameError("link", link, LINKS)

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn weights.

        Raises:
            DataError: missing or infinite values, labels outside of the family's range, or weights that do not settle.
            MissingExtraError: statsmodels is not installed.
        """
        assert labels is not None
        self._learn(frame, label_codes.numbers(labels))

    def _family(self, families: Any) -> tuple[Any, str]:
        name, plain = FAMILIES[self.family]
        link = self.link or plain
        more = {"negative_binomial": {"alpha": self.alpha}, "tweedie": {"var_power": self.var_power}}
        made = getattr(families, name)(getattr(families.links, _CLASSES[link])(), **more.get(self.family, {}))
        return made, link


@dataclass(eq=False)
class GLMClassifier(GLM):
    """A binomial model of two classes, fitted by statsmodels without a penalty.

    Args:
        link: `logit` or `cloglog`.
        max_iter: Most rounds.
        tol: When they end: by how much the deviance still falls.
        fit_intercept: Whether there is a bias.
        weight_column: The column that says how often each training row counts.

    Raises:
        UnknownNameError: another link.

    >>> GLMClassifier("cloglog").link
    'cloglog'
    """

    link: str = "logit"

    def __init__(
        self,
        link: str = "logit",
        max_iter: int = 100,
        tol: float = 1e-8,
        fit_intercept: bool = True,
        weight_column: str | None = None,
    ) -> None:
        super().__init__(max_iter, tol, fit_intercept, weight_column)
        self.link = link
        if link not in ("logit", "cloglog"):
            raise UnknownNameError("link of two classes", link, ("logit", "cloglog"))

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn weights.

        Raises:
            DataError: missing or infinite values, other than two classes, or classes that a line separates.
            MissingExtraError: statsmodels is not installed.
        """
        assert labels is not None
        target, self.classes = label_codes.encode(labels)
        if len(self.classes) != 2:
            raise DataError(f"there are {len(self.classes)} classes.", cure="A GLMClassifier takes two.")
        self._learn(frame, target)

    def _family(self, families: Any) -> tuple[Any, str]:
        return families.Binomial(getattr(families.links, _CLASSES[self.link])()), self.link
