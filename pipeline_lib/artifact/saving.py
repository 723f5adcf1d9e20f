"""Step 5 of 9, register: a fitted pipeline becomes a folder that can be trusted and loaded anywhere.

manifest.json   schema, provenance, the hash of every other file
graph.json      the steps, what each reads and writes
state/          what the steps learnt: Arrow tables, XGBoost's UBJ
plan.json       the native plan, where every step has a native form and parity was proven
example.json    rows, and the answers they must get
evaluation.json metrics, curves, importance
pipeline.svg    the picture
"""

from __future__ import annotations

import json
import logging
import math
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from bighead_kernels import Plan

from bighead.pipeline_lib.artifact import graph_json
from bighead.pipeline_lib.artifact.derived_inputs import DerivedInputs
from bighead.pipeline_lib.artifact.example import example_of
from bighead.pipeline_lib.artifact.files import MANIFEST, write_bundle
from bighead.pipeline_lib.artifact.input_column import InputColumn
from bighead.pipeline_lib.artifact.manifest import FileEntry, Manifest, PlanNote, canonical, utc
from bighead.pipeline_lib.errors import ArtifactError, SchemaError, UnsupportedStepError
from bighead.pipeline_lib.evaluation import Evaluation, Scores
from bighead.pipeline_lib.pipeline import Pipeline, lowering, parity
from bighead.pipeline_lib.pipeline.running import run_graph
from bighead.pipeline_lib.pipeline.schema import conform

_log = logging.getLogger(__name__)


def save(
    pipeline: Pipeline,
    folder: str | Path,
    *,
    model: str,
    inputs: Sequence[InputColumn],
    example_rows: pl.DataFrame,
    feature_sets_json: str = "[]",
    key_columns: Sequence[str] = (),
    provenance: Mapping[str, Any] | None = None,
    evaluation: Evaluation | Scores | Mapping[str, Any] | None = None,
    importance: Mapping[str, float] | None = None,
    data_interval: tuple[datetime, datetime] | None = None,
    derived: DerivedInputs | None = None,
) -> Manifest:
    """Write a fitted pipeline as a bundle and return its manifest.

    Args:
        pipeline: A fitted pipeline.
        folder: Where; a folder that is not there yet, or is empty.
        model: The model's name.
        inputs: The columns it reads, exactly those that it was fitted on.
        example_rows: Rows of the inputs, best some hundred of training: parity is proven on all of them, and
            the first are stored with their answers.
        feature_sets_json: A JSON list of the uses of feature sets that give its features.
        key_columns: The columns that those are looked up by.
        provenance: Anything JSON about where it came from; a `data_interval` in it stands for the argument.
        evaluation: What was measured.
        importance: By input feature.
        data_interval: First question and end of the training data (aware).
        derived: What of the inputs is made of others, as `derived_inputs(pipeline, source)` says.

    Raises:
        UnsupportedStepError: a step that cannot be stored without pickle.
        SchemaError: `inputs` or `example_rows` are not what the pipeline reads.
        ArtifactError: the folder holds something already, or a value that JSON cannot say.
    """
    origin = dict(provenance or {})
    span = data_interval or origin.pop("data_interval", None)
    columns = _ordered(pipeline, inputs)
    graph, files = graph_json.to_plain(pipeline)
    files["graph.json"] = canonical(graph)
    spec, note = _plan(pipeline, columns, example_rows)
    files |= {"plan.json": lowering.to_json(spec).encode()} if spec else {}
    files["example.json"] = canonical(example_of(pipeline, spec, example_rows))
    measured = evaluation.to_dict() if isinstance(evaluation, Evaluation | Scores) else dict(evaluation or {})
    files["evaluation.json"] = _json("evaluation", {**measured, "importance": dict(importance or {})})
    files["pipeline.svg"] = pipeline.describe("svg").encode()
    manifest = Manifest(
        model=model,
        content_hash="",
        created_at=datetime.now(UTC),
        data_interval=(utc(span[0]), utc(span[1])) if span else None,
        inputs=columns,
        outputs=pipeline.output_columns,
        key_columns=tuple(key_columns),
        feature_sets_json=feature_sets_json,
        provenance={"bighead": version("bighead"), **origin},
        files={path: FileEntry.of(content) for path, content in files.items()},
        plan=note,
        derived=derived,
        metrics=evaluation.metrics if isinstance(evaluation, Evaluation | Scores) else {},
    ).sealed()
    write_bundle(Path(folder), {**files, MANIFEST: manifest.to_json()})
    return manifest


def _ordered(pipeline: Pipeline, inputs: Sequence[InputColumn]) -> tuple[InputColumn, ...]:
    """Return the declared inputs in the order in which the pipeline reads them."""
    given = {column.name: column for column in inputs}
    fitted = {each.name: each.dtype for each in pipeline.graph.inputs}
    if set(given) != set(fitted):
        missing, extra = sorted(set(fitted) - set(given)), sorted(set(given) - set(fitted))
        raise SchemaError(
            f"the inputs of {pipeline.name!r} lack {missing} and have {extra} too many.",
            cure="Name exactly the columns it was fitted on: input_columns(pipeline, source).",
        )
    odd = [
        f"{n!r} is {given[n].dtype}, fitted as {dtype}"
        for n, dtype in fitted.items()
        if given[n].dtype != dtype
    ]
    if odd:
        raise SchemaError(f"inputs of {pipeline.name!r}: {'; '.join(odd)}.", cure="Declare them as fitted.")
    return tuple(given[name] for name in fitted)


def _plan(
    pipeline: Pipeline, inputs: Sequence[InputColumn], rows: pl.DataFrame
) -> tuple[dict[str, Any] | None, PlanNote]:
    """Return the native plan if it answers as Python does on all rows, sampled and fuzzed; else why not."""
    graph = pipeline.graph
    nullable = {column.name: column.nullable for column in inputs}
    try:
        spec = lowering.lower(graph, nullable)
        plan = Plan.from_spec(lowering.to_json(spec))
    except (UnsupportedStepError, ValueError) as error:
        return None, PlanNote(False, str(error))
    sample = conform(f"the example rows of {pipeline.name!r}", rows, graph.inputs)
    if sample.height == 0:
        raise ArtifactError("there are no example rows.", cure="Give some rows of training.")
    proven = pl.concat([sample, parity.fuzzed(sample, graph.inputs, nullable)])
    native = pl.DataFrame(plan.predict(proven))
    largest, differs = parity.largest_difference(run_graph(graph, proven), native)
    if differs is None:
        one_by_one = pl.DataFrame(
            plan.predict_rows(lowering.plan_rows(proven)), schema=native.schema, orient="row"
        )
        _, differs = parity.largest_difference(native, one_by_one)
    if differs is not None:
        # Between a number and none the difference is infinite, which JSON cannot say.
        largest = largest if math.isfinite(largest) else sys.float_info.max
        _log.warning("%s answers in Python: its native plan differs at %s", pipeline.name, differs)
        return None, PlanNote(False, f"the native plan differs at {differs}", proven.height, largest)
    return spec, PlanNote(True, "", proven.height, largest)


def _json(what: str, plain: Any) -> bytes:
    try:
        return json.dumps(plain, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"the {what} cannot be JSON: {error}.") from error
