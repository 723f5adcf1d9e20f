"""Graphs in ONNX: read by name or as a matrix, stored by their bytes, and refused with a word where they do not fit."""

from __future__ import annotations

import numpy as np
import onnx
import polars as pl
import pytest
from apart import answers_elsewhere, saved
from onnx import TensorProto, helper

from bighead.pipeline_lib.errors import ArtifactError, DataError, DefinitionError, SchemaError
from bighead.pipeline_lib.frameworks import OnnxModel
from bighead.pipeline_lib.pipeline import Pipeline

ROWS = pl.DataFrame(
    {"a": [1.0, 2.0, None, 1e300], "b": [3, -1, 0, None]}, schema={"a": pl.Float64, "b": pl.Int64}
)


def graph(nodes, inputs, outputs, weights=()) -> bytes:
    port = helper.make_tensor_value_info
    made = helper.make_graph(
        [helper.make_node(*each[:3], **each[3]) for each in nodes],
        "g",
        [port(*each) for each in inputs],
        [port(*each) for each in outputs],
        [onnx.numpy_helper.from_array(values, name) for name, values in weights],
    )
    whole = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)])
    whole.ir_version = 8
    onnx.checker.check_model(whole)
    return bytes(whole.SerializeToString())


def linear(columns=2, outputs=2) -> bytes:
    weights = np.arange(columns * outputs, dtype=np.float32).reshape(columns, outputs)
    return graph(
        [("MatMul", ["x", "w"], ["y"], {})],
        [("x", TensorProto.FLOAT, ["n", columns])],
        [("y", TensorProto.FLOAT, ["n", outputs])],
        [("w", weights)],
    )


def named() -> bytes:
    """sum(image) + number, and a text passed on."""
    return graph(
        [
            ("ReduceSum", ["image", "axes"], ["total"], {"keepdims": 0}),
            ("Cast", ["number"], ["single"], {"to": TensorProto.FLOAT}),
            ("Add", ["total", "single"], ["sum"], {}),
            ("Identity", ["word"], ["said"], {}),
            ("Identity", ["image"], ["same"], {}),
        ],
        [
            ("image", TensorProto.FLOAT, ["n", 2, 3]),
            ("number", TensorProto.INT64, ["n"]),
            ("word", TensorProto.STRING, ["n"]),
        ],
        [
            ("sum", TensorProto.FLOAT, ["n"]),
            ("said", TensorProto.STRING, ["n"]),
            ("same", TensorProto.FLOAT, ["n", 2, 3]),
        ],
        [("axes", np.array([1, 2], dtype=np.int64))],
    )


def on(step, frame) -> Pipeline:
    p = Pipeline("onnx")
    p[frame.columns] >>= step
    return p


def test_columns_are_a_matrix_and_missing_is_missing(tmp_path):
    p = on(OnnxModel(linear()), ROWS).fit(ROWS)
    answered = p.answer(ROWS)
    assert answered.columns == ["y_0", "y_1"]
    assert answered.rows()[:3] == [(6.0, 10.0), (-2.0, -1.0), (None, None)]
    assert p.answer(ROWS[:0]).schema == answered.schema
    saved(p, ROWS[:3], tmp_path / "bundle")
    assert answers_elsewhere(tmp_path / "bundle", ROWS).equals(answered)


def test_inputs_go_by_name_with_tensors_and_texts(tmp_path):
    images = np.arange(18, dtype=np.float32).reshape(3, 2, 3)
    rows = pl.DataFrame(
        {
            "word": ["é", "", None],
            "image": pl.Series(images, dtype=pl.Array(pl.Float32, (2, 3))),
            "number": [1, None, 3],
        }
    )
    p = on(OnnxModel(named()), rows).fit(rows)
    answered = p.answer(rows)
    assert answered["sum"].to_list() == [16.0, None, None]
    assert answered["said"].to_list() == ["é", None, None]
    assert answered["same"].dtype == pl.Array(pl.Float32, (2, 3))
    assert answered["same"][0].to_list() == images[0].tolist()
    assert p.answer(rows[1:]).null_count().row(0) == (2, 2, 2)
    saved(p, rows, tmp_path / "bundle")
    assert answers_elsewhere(tmp_path / "bundle", rows).equals(answered)
    only = on(OnnxModel(named(), outputs=["sum"]), rows).fit(rows)
    assert only.output_columns == ("sum",)


def test_one_row_is_answered_as_many_are():
    rows = pl.DataFrame(np.random.default_rng(0).normal(size=(50, 8)))
    p = on(OnnxModel(linear(8, 5)), rows).fit(rows)
    single = np.concatenate([p.answer(rows[at]).to_numpy() for at in range(50)])
    np.testing.assert_allclose(single, p.answer(rows).to_numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: OnnxModel("/no/such.onnx"), DefinitionError, "cannot be read"),
        (
            lambda: on(OnnxModel(b"no graph"), ROWS).fit(ROWS),
            ArtifactError,
            "no graph that ONNX Runtime runs",
        ),
        (
            lambda: on(OnnxModel(linear()[:-9]), ROWS).fit(ROWS),
            ArtifactError,
            "no graph that ONNX Runtime runs",
        ),
        (lambda: on(OnnxModel(linear(3)), ROWS).fit(ROWS), SchemaError, "reads 3 columns, and is given 2"),
        (lambda: on(OnnxModel(named()), ROWS).fit(ROWS), SchemaError, "reads 'image', 'number', 'word'"),
        (
            lambda: on(OnnxModel(linear(), outputs=["z"]), ROWS).fit(ROWS),
            DefinitionError,
            "answers 'y', not 'z'",
        ),
        (lambda: on(OnnxModel(whole()), ROWS).fit(ROWS), DataError, r"is \(1,\) for 4 rows"),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(make, error, says):
    with pytest.raises(error, match=says):
        make()


def whole() -> bytes:
    """One number for all rows."""
    return graph(
        [("ReduceSum", ["x", "axes"], ["s"], {"keepdims": 0}), ("Reshape", ["s", "one"], ["y"], {})],
        [("x", TensorProto.FLOAT, ["n", 2])],
        [("y", TensorProto.FLOAT, [1])],
        [("axes", np.array([0, 1], dtype=np.int64)), ("one", np.array([1], dtype=np.int64))],
    )


def test_a_graph_that_was_swapped_is_refused():
    step = OnnxModel(linear())
    step.fit(ROWS, None)
    state = {**step.state(), "model.onnx": linear(2, 3)}
    with pytest.raises(ValueError, match="another one than its hash"):
        OnnxModel.from_state(step.params(), state)
