"""Where each input of a pipeline comes from: a key, the request's context, or a feature set."""

from __future__ import annotations

from bighead.pipeline_lib.artifact.manifest import InputColumn
from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.pipeline import Pipeline


def input_columns(pipeline: Pipeline, source: TrainingSet) -> tuple[InputColumn, ...]:
    """Return the inputs of a fitted pipeline with the types it was fitted on; each may be missing.

    Args:
        pipeline: A fitted pipeline.
        source: The training set it was fitted on.
    """
    fetched = {column: ref.set.name for ref in source.refs for column in ref.columns()}
    keys = set(source.key_columns)

    def origin(name: str) -> str:
        return f"feature:{fetched[name]}" if name in fetched else "key" if name in keys else "context"

    return tuple(
        InputColumn(each.name, each.dtype, True, origin(each.name)) for each in pipeline.graph.inputs
    )
