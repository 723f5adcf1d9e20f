"""Where each input of a pipeline comes from: a key, the request's context, a feature set, or what is derived."""

from __future__ import annotations

from bighead.pipeline_lib.artifact.derived_inputs import DerivedInputs
from bighead.pipeline_lib.artifact.input_column import InputColumn
from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.features.row_derivations import needed
from bighead.pipeline_lib.pipeline import Pipeline


def input_columns(pipeline: Pipeline, source: TrainingSet) -> tuple[InputColumn, ...]:
    """Return the inputs of a fitted pipeline with the types it was fitted on; each may be missing, unless declared so.

    Args:
        pipeline: A fitted pipeline.
        source: The training set it was fitted on.
    """

    def nullable(name: str) -> bool:
        return name not in source.declared or source.declared[name].nullable

    return tuple(
        InputColumn(each.name, each.dtype, nullable(each.name), source.origin(each.name))
        for each in pipeline.graph.inputs
    )


def derived_inputs(pipeline: Pipeline, source: TrainingSet) -> DerivedInputs | None:
    """Return what requests need to answer with a pipeline's derived inputs; None where it reads none.

    Args:
        pipeline: A fitted pipeline.
        source: The training set it was fitted on.
    """
    made = needed(source.derived, pipeline.input_columns)
    if not made:
        return None
    read = {name for each in made for name in each.reads}
    return DerivedInputs(
        source.name,
        source.timestamp,
        tuple(sorted((each.name, each.sql) for each in made)),
        tuple(column for ref in source.refs for column in ref.columns() if column in read),
        tuple(
            InputColumn(name, each.dtype, each.nullable, "key" if name in source.key_columns else "context")
            for name, each in source.declared.items()
            if name in read
        ),
    )
