"""Envelopes of mutations in definitions, and what sets that read one stream must agree on."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from jsonschema import Draft202012Validator

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features import (
    Aggregation,
    Catalog,
    EntitySource,
    EventSource,
    FeatureSet,
    Mutations,
    codec,
)
from bighead.pipeline_lib.features.json_schema import feature_set_schema
from bighead.pipeline_lib.features.row_definition import row_definition

FLAT = Mutations("made", operation="op", sequence="lsn")
SOURCE = EventSource("log", "ts", stream="orders", event_id="id", mutations=FLAT)
ORDERS = FeatureSet(
    name="orders", owner="t", keys=["k"], source=SOURCE, aggregations=[Aggregation("x", "sum", ["7d"])]
)  # fmt: skip
CAPTURED = replace(ORDERS, source=replace(SOURCE, mutations=replace(FLAT, envelope="debezium")))
ROWS = replace(ORDERS, name="rows", source=replace(SOURCE, mutations=None))


def test_an_envelope_is_in_the_hash_and_in_no_stored_row():
    assert CAPTURED.hash != ORDERS.hash
    assert row_definition(CAPTURED) == row_definition(ORDERS)
    other = replace(ORDERS, source=replace(SOURCE, mutations=replace(FLAT, sequence=None)))
    assert row_definition(other) != row_definition(ORDERS)


def test_an_envelope_is_written_and_read():
    assert codec.from_json(codec.to_json(CAPTURED)) == CAPTURED
    assert codec.from_yaml(codec.to_yaml(CAPTURED)) == CAPTURED
    text = codec.to_yaml(CAPTURED)
    validator = Draft202012Validator(feature_set_schema())
    assert not list(validator.iter_errors(yaml.safe_load(text)))
    assert list(validator.iter_errors(yaml.safe_load(text.replace("debezium", "maxwell"))))
    assert Mutations(envelope="debezium") == Mutations(operation="op", envelope="debezium")


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: Mutations(envelope="debezum"), UnknownNameError, "Did you mean 'debezium'"),
        (
            lambda: Mutations(is_before="b", envelope="debezium"),
            DefinitionError,
            "is_before='b' and envelope",
        ),
        (lambda: Mutations("op", envelope="debezium"), DefinitionError, "one column twice"),
        (lambda: replace(CAPTURED.source, stream=None), DefinitionError, "no stream"),
        (
            lambda: EntitySource("t", mutations=Mutations(envelope="debezium")),
            DefinitionError,
            "facts are read from a table",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_sets_of_one_stream_agree_on_what_its_messages_are():
    with pytest.raises(DefinitionError, match="brings mutations of rows to 'orders' and rows to 'rows'"):
        Catalog([ORDERS, ROWS])
    with pytest.raises(DefinitionError, match="in envelopes of debezium"):
        Catalog([replace(CAPTURED, name="captured"), ORDERS])
    elsewhere = replace(ROWS, source=replace(ROWS.source, stream="others"))
    assert set(Catalog([ORDERS, elsewhere]).feature_sets) == {"orders", "rows"}
