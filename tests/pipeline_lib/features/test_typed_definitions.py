"""Tensors and categories in definitions: what is refused, how they are written, and what hashes depend on."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from typed_views import seen

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features import Aggregation, Categorical, Tensor
from bighead.pipeline_lib.features.codec import from_json, from_yaml, to_json, to_yaml
from bighead.pipeline_lib.features.json_schema import feature_set_schema
from bighead.pipeline_lib.features.row_definition import row_definition

EDITOR = Draft202012Validator(feature_set_schema())


def test_definitions_are_written_and_read_back():
    words = Categorical(["ok", "late", "rest"], unknown="rest")
    made = seen(
        Aggregation("emb", "last_k", ["1d"], k=2),
        Aggregation("status", "mode", ["1d"]),
        emb=Tensor([2, 3], "float32", invalid="null"),
        status=words,
    )
    assert from_json(to_json(made)) == made
    assert from_yaml(to_yaml(made)) == made
    plain = yaml.safe_load(to_yaml(made))
    EDITOR.validate(plain)
    plain["types"]["emb"]["shape"] = [0]
    with pytest.raises(ValidationError):
        EDITOR.validate(plain)
    bare = seen(Aggregation("status", "mode", ["1d"]), status=words)
    untyped = replace(bare, types={})
    assert "types" not in to_json(untyped)
    for other in (untyped, replace(bare, types={"status": replace(words, unknown="null")})):
        assert other.hash != bare.hash
        [change] = row_definition(bare).changes(row_definition(other))
        assert change.field == "select.status"
    turned = replace(bare, types={"status": replace(words, values=["rest", "ok", "late"])})
    assert row_definition(turned) == row_definition(bare)


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: Tensor([]), DefinitionError, "Expected lengths"),
        (lambda: Tensor([2, -1]), DefinitionError, "Expected lengths"),
        (lambda: Tensor([True]), DefinitionError, "Expected lengths"),
        (lambda: Tensor([2048, 2048]), DefinitionError, "at most"),
        (lambda: Tensor([2], "float23"), UnknownNameError, "float32"),
        (lambda: Tensor([2], invalid="zero"), DefinitionError, "'refuse' or 'null'"),
        (lambda: Categorical([]), DefinitionError, "Expected words"),
        (lambda: Categorical(["a", "a"]), DefinitionError, "more than once"),
        (lambda: Categorical(["a"], unknown="b"), UnknownNameError, "refuse"),
        (lambda: seen(em=Tensor([2])), UnknownNameError, "emb"),
        (lambda: replace(seen(), types={"emb": "Tensor"}), DefinitionError, "a Tensor or a Categorical"),
        (lambda: replace(seen(), types=["emb"]), DefinitionError, "Expected"),
        (
            lambda: seen(Aggregation("emb", "last", ["1d"], buckets="user"), emb=Tensor([2])),
            DefinitionError,
            "apart",
        ),
        (
            lambda: seen(Aggregation("emb", "last", ["1d"], empty=0.0), emb=Tensor([2])),
            DefinitionError,
            "Leave it out",
        ),
        (
            lambda: seen(Aggregation("user", "last", ["1d"]), user=Categorical(["a"])),
            DefinitionError,
            "its key",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, error, told):
    with pytest.raises(error, match=told):
        make()
