"""How columns are prepared for models that take neither texts nor missing values, and like one scale."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import Keep, NaNToMean, OneHotLabelEncoder, StandardScaler


def prepared(
    name: str, numeric: Sequence[str], categorical: Sequence[str], *, scaled: bool = True
) -> Pipeline:
    """Return a pipeline of numbers, filled and scaled, and a column of 0 and 1 for each value of the others.

    >>> print(prepared("p", ["a"], ["b"]).describe().splitlines()[0])
    Pipeline p

    Raises:
        DefinitionError: no columns at all.
    """
    if not numeric and not categorical:
        raise DefinitionError(
            f"the pipeline {name!r} is given no columns.", cure="Name numeric or categorical ones."
        )
    pipeline = Pipeline(name)
    if numeric:
        pipeline[list(numeric)] >>= [NaNToMean(), StandardScaler()] if scaled else Keep()
    if categorical:
        pipeline[list(categorical)] >>= OneHotLabelEncoder()
    return pipeline
