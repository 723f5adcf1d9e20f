"""Step 4 of 9, fit: a pipeline as a user writes it.

    p = Pipeline("vacation_rental_listing")
    p[numeric]     >>= [NaNToMean(), StandardScaler()]
    p[categorical] >>= OneHotLabelEncoder()
    p              >>= XGBClassifier(objective="binary:logistic")
    p.fit(training_set, labels); p.transform(inference_set)

`p[columns]` reads the newest version of the columns; `p` alone reads everything that the steps so far have made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.features.naming import check_columns, check_name
from bighead.pipeline_lib.pipeline.adapt import as_step
from bighead.pipeline_lib.pipeline.estimator_protocol import EstimatorProtocol
from bighead.pipeline_lib.pipeline.fitting import Planned, fit_graph
from bighead.pipeline_lib.pipeline.frames import like, series_like, to_frame, to_labels
from bighead.pipeline_lib.pipeline.graph import Graph
from bighead.pipeline_lib.pipeline.reading import inputs_of, named_columns
from bighead.pipeline_lib.pipeline.running import run_graph
from bighead.pipeline_lib.pipeline.schema import conform
from bighead.pipeline_lib.pipeline.scopes import PREVIOUS, Reads
from bighead.pipeline_lib.pipeline.selecting import Select
from bighead.pipeline_lib.pipeline.transformer import Model, Transformer


class Selection:
    """Columns of a pipeline that a step is being put on: what `p[columns]` returns."""

    def __init__(self, pipeline: Pipeline, columns: tuple[str, ...] | Select) -> None:
        self._pipeline, self.columns = pipeline, columns

    def __irshift__(self, steps: object) -> Selection:
        self._pipeline._add(steps, self.columns)
        return self


class Pipeline(EstimatorProtocol):
    """Steps on named columns, learnt together and answered together.

    Args:
        name: What it is called in pictures and messages.

    >>> from bighead.pipeline_lib.transforms import NaNToMean
    >>> p = Pipeline("nights")
    >>> p["n"] >>= NaNToMean()
    >>> p.fit({"n": [1.0, None, 3.0]}).transform({"n": [None, 5.0]})
    {'n': array([2., 5.])}
    """

    def __init__(self, name: str) -> None:
        self.name = check_name("pipeline", name)
        self._planned: list[Planned] = []
        self._graph: Graph | None = None

    def __getitem__(self, columns: Any) -> Any:
        """Return columns to put a step on; of a slice, as `p[:-1]`, the pipeline of those steps.

        Raises:
            DefinitionError: no columns, or one twice; a slice that does not start at the first step.
        """
        if isinstance(columns, slice):
            return self._sliced(columns)
        if isinstance(columns, Select):
            return Selection(self, columns)
        named = [columns] if isinstance(columns, str) else list(columns)
        chosen = check_columns(f"columns of the pipeline {self.name!r}", named)
        if not chosen:
            raise DefinitionError(
                f"the pipeline {self.name!r} is given no columns.", cure="Name at least one: p[['distance']]."
            )
        return Selection(self, chosen)

    def __setitem__(self, columns: Any, selection: object) -> None:
        # `p[columns] >>= step` ends with p[columns] = selection; anything else is a slip.
        if not isinstance(selection, Selection) or selection._pipeline is not self:
            raise DefinitionError("columns of a pipeline cannot be set.", cure="Write p[columns] >>= step.")

    def __irshift__(self, steps: object) -> Pipeline:
        self._add(steps, None)
        return self

    def __len__(self) -> int:
        return len(self._planned)

    def __repr__(self) -> str:
        return self.describe("text")

    def _repr_html_(self) -> str:
        return self.describe("svg")

    def _add(self, steps: object, columns: tuple[str, ...] | Select | None) -> None:
        chain = list(steps) if isinstance(steps, list | tuple) else [steps]
        if not chain and columns is not None:
            chain = ["keep"]
        for place, each in enumerate(chain):
            # The first step of a chain reads the selection; those behind it read what it made of it.
            follows = columns is not None and place > 0
            if isinstance(each, Pipeline):
                self._add_pipeline(each, PREVIOUS if follows else columns)
            else:
                self._planned.append(Planned(as_step(each), columns, follows))
        self._graph = None

    def _add_pipeline(self, inner: Pipeline, columns: Reads) -> None:
        if not inner.planned:
            raise DefinitionError(f"the pipeline {inner.name!r} has no steps.", cure="Give it some first.")
        scope = (f"{len(self._planned)}:{inner.name}", columns)
        added = [each.cloned() for each in inner.planned]
        self._planned += [replace(each, within=(scope, *each.within)) for each in added]

    def _replace(self, place: int, step: Transformer) -> None:
        self._planned[place] = replace(self._planned[place], step=step)
        self._graph = None

    @property
    def steps(self) -> tuple[Transformer, ...]:
        """The steps in the order they were put."""
        return tuple(each.step for each in self._planned)

    @property
    def planned(self) -> tuple[Planned, ...]:
        """The steps with the names that each reads."""
        return tuple(self._planned)

    @property
    def fitted(self) -> bool:
        """Whether it has learnt."""
        return self._graph is not None

    @property
    def graph(self) -> Graph:
        """What fitting made of the steps.

        Raises:
            DataError: it is not fitted.
        """
        if self._graph is None:
            raise DataError(f"the pipeline {self.name!r} is not fitted.", cure="Call p.fit(frame, labels).")
        return self._graph

    @property
    def input_columns(self) -> tuple[str, ...]:
        """The columns that a caller gives; before fit those that the steps name, none where a step is to choose."""
        if self._graph is not None:
            return tuple(each.name for each in self._graph.inputs)
        return named_columns(self._planned)

    @property
    def output_columns(self) -> tuple[str, ...]:
        """The columns that `transform` answers."""
        return tuple(column.name for column in self.graph.outputs)

    def fit(
        self, training_set: Any, labels: Any = None, *, roles: Mapping[str, str] | None = None
    ) -> Pipeline:
        """Learn from rows and their labels, and return this pipeline.

        Args:
            training_set: A Polars or pandas frame, an Arrow table, a dict of columns or a list of dicts.
            labels: A series, array or list with one label a row, or the name of a column of the training set.
            roles: What columns are, for steps on `role(…)`: key, context, derived or feature:<set>, by name.

        Raises:
            DefinitionError: there are no steps.
            DataError, SchemaError: the rows or labels cannot be learnt from; the message names the step.
        """
        if not self._planned:
            raise DefinitionError(f"the pipeline {self.name!r} has no steps.", cure="p[columns] >>= step.")
        data = to_frame(training_set)
        target, column = (None, None) if labels is None else to_labels(labels, data)
        if data.height == 0:
            raise DataError(f"the pipeline {self.name!r} is fitted on no rows.", cure="Give at least one.")
        where = f"the training set of {self.name!r}"
        inputs = inputs_of(where, data, self._planned, column)
        self._graph = None
        planned = [each.cloned() for each in self._planned]
        rows = conform(where, data, inputs)
        self._graph = fit_graph(self.name, planned, inputs, rows, target, roles).without_unread()
        return self

    def answer(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the answers to a Polars frame as one; `transform` for callers that hold Polars."""
        return run_graph(self.graph, conform(f"the input of {self.name!r}", frame, self.graph.inputs))

    def transform(self, data: Any) -> Any:
        """Return answers as the caller's kind of frame.

        A pipeline that ends in a classifier answers `probability` (of the second class) or one
        `probability_<class>` each, one that ends in a regressor `prediction`, any other its columns.

        Raises:
            SchemaError: a column is absent or of another kind than at fit.
        """
        return like(self.answer(to_frame(data)), data)

    def predict(self, data: Any) -> Any:
        """Return the likeliest class, or the prediction, of each row, as the caller's kind of series.

        Raises:
            DataError: the pipeline does not end in a model.
        """
        model, answers = self._model(), self.answer(to_frame(data))
        if not model.classifies:
            return series_like(answers.to_series().rename("prediction"), data)
        likeliest = np.argmax(_probabilities(answers), axis=1)
        return series_like(pl.Series("prediction", model.classes).gather(likeliest), data)

    def predict_proba(self, data: Any) -> np.ndarray[Any, Any]:
        """Return the probability of each class as a matrix, a row for each row, classes in `classes` order.

        Raises:
            DataError: the pipeline does not end in a classifier, or in one that knows no probabilities.
        """
        if not self._model().classifies:
            raise DataError(f"{self.name!r} ends in a regressor.", cure="Call predict.")
        if not self.output_columns[0].startswith("probability"):
            raise DataError(
                f"{self.name!r} ends in a classifier that decides without probabilities.",
                cure="Call predict, or put scikit-learn's CalibratedClassifierCV around the classifier.",
            )
        return _probabilities(self.answer(to_frame(data)))

    def score(self, data: Any, labels: Any) -> float:
        """Return the accuracy of a classifier, the coefficient of determination R² of a regressor."""
        frame = to_frame(data)
        truth, column = to_labels(labels, frame)
        seen = self.predict(frame if column is None else frame.drop(column))
        if self._model().classifies:
            return float((seen == truth.cast(seen.dtype)).mean())
        off, spread = truth - seen, truth - truth.mean()
        return 1.0 - float((off * off).sum()) / float((spread * spread).sum())

    @property
    def classes(self) -> list[Any]:
        """The classes of the classifier it ends in, in the order of `predict_proba`."""
        return list(self._model().classes)

    def clone(self) -> Pipeline:
        """Return an unfitted pipeline of the same steps."""
        copy = Pipeline(self.name)
        copy._planned = [each.cloned() for each in self._planned]
        return copy

    @classmethod
    def from_graph(cls, graph: Graph, planned: Sequence[Planned]) -> Pipeline:
        """Return a fitted pipeline; `planned` says how its steps were put."""
        pipeline = cls(graph.name)
        pipeline._planned = list(planned)
        pipeline._graph = graph
        return pipeline

    def lineage(self) -> dict[str, tuple[str, ...]]:
        """Return the input columns behind each answered column."""
        behind = self.graph.lineage()
        return {column.name: behind[column] for column in self.graph.outputs}

    def describe(self, form: Literal["text", "mermaid", "svg"] = "text") -> str:
        """Return the pipeline as text, a Mermaid flowchart or an SVG picture, fitted or not.

        Raises:
            UnknownNameError: another form.
        """
        from bighead.pipeline_lib.pipeline.describe import describe

        return describe(self, form)

    def _model(self) -> Model:
        model = self.graph.model
        if model is None:
            raise DataError(f"{self.name!r} ends in no model.", cure="Call transform, or add p >>= model.")
        return model

    def _sliced(self, steps: slice) -> Pipeline:
        start, stop, stride = steps.indices(len(self._planned))
        if start != 0 or stride != 1 or stop < 1:
            raise DefinitionError(
                "a slice of a pipeline starts at its first step.", cure="Write p[:2] or p[:-1]."
            )
        part = Pipeline(self.name)
        part._planned = self._planned[:stop]
        part._graph = self._graph.prefix(stop) if self._graph else None
        return part


def _probabilities(answers: pl.DataFrame) -> np.ndarray[Any, Any]:
    columns = answers.to_numpy()
    return np.column_stack([1.0 - columns[:, 0], columns[:, 0]]) if answers.width == 1 else columns
