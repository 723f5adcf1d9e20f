"""Which adapter an object of another framework gets."""

from __future__ import annotations

import dataclasses
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.frameworks.estimator import EstimatorModel, EstimatorRegressor, EstimatorStep
from bighead.pipeline_lib.frameworks.lightgbm_classifier import LGBMClassifier
from bighead.pipeline_lib.frameworks.lightgbm_model import LGBMModel
from bighead.pipeline_lib.frameworks.lightgbm_regressor import LGBMRegressor
from bighead.pipeline_lib.frameworks.logistic_regression import LogisticRegression
from bighead.pipeline_lib.frameworks.sklearn_model import SklearnClassifier, SklearnRegressor
from bighead.pipeline_lib.frameworks.sklearn_transformer import SklearnTransformer
from bighead.pipeline_lib.frameworks.xgboost_classifier import XGBClassifier
from bighead.pipeline_lib.frameworks.xgboost_forests import XGBRFClassifier, XGBRFRegressor
from bighead.pipeline_lib.frameworks.xgboost_model import XGBModel
from bighead.pipeline_lib.frameworks.xgboost_regressor import XGBRegressor
from bighead.pipeline_lib.pipeline.transformer import Transformer

OURS: dict[tuple[str, str], type[XGBModel] | type[LGBMModel]] = {
    **{
        ("xgboost", each.__name__): each
        for each in (XGBClassifier, XGBRegressor, XGBRFClassifier, XGBRFRegressor)
    },
    **{("lightgbm", each.__name__): each for each in (LGBMClassifier, LGBMRegressor)},
}
_OF_LABELS = ("LabelBinarizer", "LabelEncoder", "MultiLabelBinarizer")


def adapt_estimator(estimator: Any) -> Transformer:
    """Return a step for an object with `fit` and one of `predict_proba`, `predict`, `transform`.

    XGBoost's and scikit-learn's own objects become steps that can be stored; those of others run in Python only.

    Raises:
        DefinitionError: an object that cannot be a step, or a parameter that we do not have.
    """
    family, name = type(estimator).__module__.partition(".")[0], type(estimator).__name__
    if (family, name) in OURS:
        return _ours(OURS[family, name], estimator)
    if family == "sklearn" and name == "LogisticRegression" and _is_plain(estimator):
        kept = ("C", "max_iter", "tol", "fit_intercept")
        return LogisticRegression(**{each: getattr(estimator, each) for each in kept})
    if _is_sklearns(estimator):
        return _sklearns(estimator)
    if not hasattr(estimator, "fit"):
        raise DefinitionError(
            f"a {name} cannot be a step.",
            cure="Expected a Transformer, or an object with fit and transform or predict.",
        )
    if hasattr(estimator, "predict_proba"):
        return EstimatorModel(estimator)
    if hasattr(estimator, "transform"):
        return EstimatorStep(estimator)
    if hasattr(estimator, "predict") and _kind(estimator) in (None, "regressor"):
        return EstimatorRegressor(estimator)
    raise DefinitionError(
        f"a {name} answers no probabilities.", cure="Use one with predict_proba or transform."
    )


def _is_sklearns(estimator: Any) -> bool:
    """Whether it is scikit-learn's own, which can be stored; a subclass by somebody else carries code."""
    return type(estimator).__module__.startswith("sklearn.") and hasattr(estimator, "get_params")


def _sklearns(estimator: Any) -> Transformer:
    kind = _kind(estimator)
    if type(estimator).__name__ in _OF_LABELS:
        raise DefinitionError(
            f"a {type(estimator).__name__} changes labels, not columns.",
            cure="Classifiers take labels of any kind as they are.",
        )
    if kind == "classifier":
        return SklearnClassifier(estimator)
    return SklearnRegressor(estimator) if kind == "regressor" else SklearnTransformer(estimator)


def _kind(estimator: Any) -> str | None:
    """What scikit-learn's tags call it: classifier, regressor, …; None where it has none."""
    tags = estimator.__sklearn_tags__() if hasattr(estimator, "__sklearn_tags__") else None
    return None if tags is None else tags.estimator_type


def _is_plain(estimator: Any) -> bool:
    """Whether everything but what ours has too is at its default."""
    plain = type(estimator)().get_params()
    own = {"C", "max_iter", "tol", "fit_intercept", "n_jobs", "verbose"}
    given = estimator.get_params()
    return all(given[name] == plain[name] for name in given if name not in own)


def _ours(ours: type[XGBModel] | type[LGBMModel], theirs: Any) -> Transformer:
    known = {field.name for field in dataclasses.fields(ours) if field.init}
    plain = type(theirs)().get_params()
    given = {name: value for name, value in theirs.get_params().items() if value is not None}
    ignored = {"missing", "verbosity", "importance_type", *(n for n in given if given[n] == plain.get(n))}
    odd = sorted(set(given) - known - ignored)
    if odd:
        raise DefinitionError(
            f"the parameter {odd[0]!r} of the {type(theirs).__name__} is not one of ours.",
            cure=f"Use bighead's {ours.__name__}: {sorted(known)}.",
        )
    return ours(**{name: value for name, value in given.items() if name in known})
