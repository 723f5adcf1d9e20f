"""MixedModel: base of generalised linear mixed models, fixed effects of all plus effects of each entity."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError, UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.penalized_quasi_likelihood import Array, Estimate, Family, Rows, fit
from bighead.pipeline_lib.pipeline.transformer import ANYTHING, Model, PlanStep, State, matrix
from bighead.pipeline_lib.transforms.categories.number_tables import Numbers, from_state, looked_up, to_state

LARGEST = 1e100
# The primitives that make means of margins.
_INVERSE_LINKS: dict[Family, str] = {"gaussian": "", "binomial": "sigmoid", "poisson": "exp"}


@dataclass(eq=False)
class MixedModel(Model):
    """Base of mixed models: link(mean) = bias + Σ weight · x + the entity's own effects.

    An entity that training never saw, and a missing one, get the fixed effects only. It scales with the rows: all
    entities are solved at once, in memory of about 8 · (rows · (columns + effects) + entities · effects²) bytes.

    Args:
        entity: The column that names the entity: strings or whole numbers.
        slopes: Columns whose weight differs by entity, too; the bias always does.
        penalty: Of the fixed weights' squares; 0 is none. It keeps weights finite where a column decides.
        tol: When the fit stops: the change of weights and of variances by their scale.
        max_iter: Most passes over the rows.
    """

    takes = ANYTHING
    entity: str
    slopes: Sequence[str] = ()
    penalty: float = 1e-6
    tol: float = 1e-6
    max_iter: int = 500
    # All columns as they were given, and those with a weight: all but the entity.
    given: tuple[str, ...] = field(init=False, repr=False, default=())
    columns: tuple[str, ...] = field(init=False, repr=False, default=())
    weights: list[float] = field(init=False, repr=False, default_factory=list)
    bias: float = field(init=False, repr=False, default=0.0)
    # The variances of the entities' effects, the bias first, and that of what remains (of normal labels).
    variances: list[float] = field(init=False, repr=False, default_factory=list)
    residual: float = field(init=False, repr=False, default=1.0)
    effects: Numbers = field(init=False, repr=False, default_factory=lambda: Numbers([], [], []))

    def __post_init__(self) -> None:
        if not isinstance(self.entity, str) or not self.entity:
            raise DefinitionError(f"entity={self.entity!r}.", cure="Name a column.")
        if isinstance(self.slopes, str):
            raise DefinitionError(f"slopes={self.slopes!r}.", cure=f"Expected a list: [{self.slopes!r}].")
        for name, seen in (("penalty", self.penalty), ("tol", self.tol)):
            if not (isinstance(seen, int | float) and math.isfinite(seen) and seen >= 0):
                raise DefinitionError(f"{name}={seen!r}.", cure="Expected a number from 0.")
        if type(self.max_iter) is not int or self.max_iter < 1:
            raise DefinitionError(f"max_iter={self.max_iter!r}.", cure="Expected a whole number from 1.")

    def label_family(self) -> Family:
        """Return of which family the labels are."""
        raise NotImplementedError

    def targets(self, labels: pl.Series) -> Array:
        """Return the labels as numbers."""
        raise NotImplementedError

    def mean(self, margin: Array) -> Array:
        """Return what is answered for a margin."""
        raise NotImplementedError

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn weights and the entities' effects.

        Raises:
            DataError: missing or infinite values, labels that cannot be, or no entity at all.
            UnknownNameError: no column of the entity's name, or of a slope's.
            SchemaError: an entity that is neither a string nor a whole number.
        """
        assert labels is not None
        fixed = self._fixed(frame)
        where = type(self).__name__
        label_codes.check_finite(where, fixed, LARGEST, missing=False)
        target, codes = self.targets(labels), self._codes(frame)
        known = int(codes.max(initial=-1)) + 1
        if not known:
            raise DataError(
                f"{where} sees no entity in {self.entity!r}.", cure="Fit it on rows that name some."
            )
        rows = self._rows(fixed, target, codes)
        penalty = np.append(np.full(fixed.width, float(self.penalty)), 0.0)
        found = fit(rows, self.label_family(), known, penalty, self.tol, self.max_iter)
        if not found.converged:
            warnings.warn(
                f"{where} stopped after {self.max_iter} passes: raise max_iter or tol.", stacklevel=2
            )
        self.given, self.columns = tuple(frame.columns), tuple(fixed.columns)
        self._keep(frame[self.entity], codes, found, known)

    def _fixed(self, frame: pl.DataFrame) -> pl.DataFrame:
        for name in (self.entity, *self.slopes):
            if name not in frame.columns:
                raise UnknownNameError("column", name, frame.columns)
        fixed = frame.drop(self.entity)
        texts = [series.name for series in fixed if series.dtype == pl.String]
        if texts:
            raise SchemaError(
                f"{type(self).__name__} takes one column of texts, the entity; {', '.join(texts)} are texts, too.",
                cure="Encode them first, as p[columns] >>= OneHotLabelEncoder().",
            )
        return fixed

    def _codes(self, frame: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Each row's entity as its place among the sorted ones, -1 where it is missing."""
        entity = frame[self.entity]
        if not (entity.dtype == pl.String or entity.dtype.is_integer()):
            raise SchemaError(
                f"the entity {self.entity!r} is {entity.dtype}.", cure="Expected strings or whole numbers."
            )
        seen = entity.drop_nulls().unique().sort()
        places = pl.DataFrame({"entity": seen, "place": pl.Series(np.arange(len(seen)), dtype=pl.Int64)})
        joined = entity.to_frame("entity").join(places, on="entity", how="left", maintain_order="left")
        return joined["place"].fill_null(-1).to_numpy()

    def _rows(self, fixed: pl.DataFrame, target: Array, codes: np.ndarray[Any, Any]) -> Rows:
        missing = codes < 0
        # Rows of no entity come last, as one whose effects count nowhere.
        places = np.where(missing, codes.max() + 1, codes)
        order = np.argsort(places, kind="stable")
        values = np.column_stack([matrix(fixed, np.float64), np.ones(fixed.height)])[order]
        at = [fixed.width, *(fixed.columns.index(name) for name in self.slopes)]
        random = np.where(missing[order, None], 0.0, values[:, at])
        sorted_places = places[order]
        starts = np.flatnonzero(np.diff(sorted_places, prepend=-1)).astype(np.int64)
        return Rows(target[order], values, random, starts, sorted_places)

    def _keep(self, entity: pl.Series, codes: Any, found: Estimate, known: int) -> None:
        self.weights, self.bias = found.fixed[:-1].tolist(), float(found.fixed[-1])
        self.variances, self.residual = found.variances.tolist(), found.residual
        first = np.unique(codes[codes >= 0], return_index=True)[1]
        names = entity.filter(pl.Series(codes >= 0)).gather(first.tolist()).to_list()
        values = found.random[:known].T.tolist()
        self.effects = Numbers(names, values, [0.0] * len(values))

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row; a missing number gives a missing answer."""
        fixed = frame.select(self.columns)
        rows = matrix(fixed, np.float64)
        own = self._own(frame[self.entity])
        # Summed in the order of the native plan, for the same last bits.
        margin = np.full(len(rows), self.bias)
        with np.errstate(over="ignore", invalid="ignore"):
            for place, weight in enumerate(self.weights):
                margin += weight * rows[:, place]
            margin += own[0]
            for name, effect in zip(self.slopes, own[1:], strict=True):
                margin += effect * rows[:, self.columns.index(name)]
            return pl.DataFrame({self.answers()[0]: self.mean(margin)})

    def _own(self, entity: pl.Series) -> list[Array]:
        """The effects of each row's entity, 0 where it is not known."""
        table = pl.DataFrame(
            {"entity": pl.Series(self.effects.categories, dtype=entity.dtype)}
            | {str(place): values for place, values in enumerate(self.effects.values)}
        )
        found = entity.to_frame("entity").join(table, on="entity", how="left", maintain_order="left")
        return [found[name].fill_null(0.0).to_numpy() for name in found.columns[1:]]

    def state(self) -> State:
        """Weights by column, variances, and each entity's effects."""
        weight = dict(zip(self.columns, self.weights, strict=True))
        weights = {"column": [*self.given, ""], "weight": [*map(weight.get, self.given), self.bias]}
        return {
            "weights": pl.DataFrame(weights),
            "variances": pl.DataFrame({"effect": ["", *self.slopes], "variance": self.variances}),
            "residual": pl.DataFrame({"variance": [self.residual]}),
            **to_state({self.entity: self.effects}),
        }

    def restore(self, state: State) -> None:
        """Take up weights, variances and effects."""
        weights, variances, residual = state["weights"], state["variances"], state["residual"]
        assert isinstance(weights, pl.DataFrame)
        assert isinstance(variances, pl.DataFrame)
        assert isinstance(residual, pl.DataFrame)
        self.given = tuple(weights["column"][:-1])
        self.columns = tuple(name for name in self.given if name != self.entity)
        *self.weights, self.bias = weights["weight"].drop_nulls().to_list()
        self.variances, self.residual = variances["variance"].to_list(), residual["variance"][0]
        self.effects = from_state({name: state[name] for name in ("columns", "categories")})[self.entity]

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return the entity's effects looked up, one linear step, and the inverse of the link."""
        named = dict(zip(self.given, inputs, strict=True))
        own = [f"{outputs[0]}·effect{place}" for place in range(len(self.effects.values))]
        steps = looked_up(named[self.entity], own, self.effects)
        terms = [own[0]]
        for name, effect in zip(self.slopes, own[1:], strict=True):
            terms.append(f"{effect}·{name}")
            both = {"inputs": [effect, named[name]], "combination": "product"}
            steps.append({"op": "combine", "output": terms[-1], **both})
        read = [*(named[name] for name in self.columns), *terms]
        weights = [*self.weights, *[1.0] * len(terms)]
        inverse = _INVERSE_LINKS[self.label_family()]
        margin = f"{outputs[0]}·margin" if inverse else outputs[0]
        steps.append(
            {"op": "linear", "inputs": read, "output": margin, "weights": weights, "bias": self.bias}
        )
        if inverse:
            steps.append({"op": inverse, "input": margin, "output": outputs[0]})
        return steps

    def gains(self) -> dict[str, float]:
        """Return |weight| of each column, of the entity the deviation of its effects: comparable on one scale."""
        own = math.sqrt(sum(self.variances))
        return {**{n: abs(w) for n, w in zip(self.columns, self.weights, strict=True)}, self.entity: own}
