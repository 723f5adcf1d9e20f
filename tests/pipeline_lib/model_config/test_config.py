"""A model's declaration: the paper's own example stands, and what cannot be is refused where it is written."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace

import pytest
from listings import forest

from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features import Label, LeftTable, TrainingSet
from bighead.pipeline_lib.model_config import (
    Gate,
    Holdout,
    ModelConfig,
    OnlineServingConfig,
    ScheduledComputeConfig,
    Schedules,
    SingleMachineConfig,
    SparkConfig,
    TransformConfig,
)

SOURCE = TrainingSet(
    name="vacation_rental",
    left=LeftTable("questions", known={"room": "0s"}),
    timestamp="ts",
    row_id="id",
    features=[],
    inputs=["room"],
    label=Label("is_rental", horizon="30d"),
)


def rental(**more) -> ModelConfig:
    given = {
        "name": "vacation_rental_listing",
        "owner": "bighead",
        "team": "homes",
        "tags": ["xgboost"],
        "pipeline": forest(),
        "source": SOURCE,
        "fit_config": ScheduledComputeConfig(
            start_date="2019-01-01",
            schedule=Schedules.Mondays,
            single_machine_config=SingleMachineConfig(num_cpu=16, memory=32_400),
        ),
        "transform_config": TransformConfig(
            offline_config=ScheduledComputeConfig(
                start_date="2019-01-01",
                spark_config=SparkConfig(num_executors=16),
                schedule=Schedules.EveryDay,
            ),
            online_config=OnlineServingConfig(num_workers=4),
        ),
    }
    return ModelConfig(**{**given, **more})


def test_the_papers_example_stands():
    model = rental(gates=[Gate("roc_auc", at_least=0.7)])
    assert model.fit_config.single_machine_config.memory_mib == 32_400
    stored = json.loads(json.dumps(model.to_dict()))
    assert stored["gates"] == [{"metric": "roc_auc", "at_least": 0.7, "at_most": None}]
    assert stored["transform_config"]["offline_config"]["spark_config"]["num_executors"] == 16
    assert stored["source"] == "vacation_rental"
    with pytest.raises(FrozenInstanceError):
        model.name = "other"


def test_a_copy_with_another_source_is_equal_where_it_was():
    model = rental()
    assert replace(model, source=SOURCE) == model


@pytest.mark.parametrize(
    "make",
    [
        lambda: rental(name="Rental Model"),
        lambda: rental(source="vacation_rental"),
        lambda: rental(tags="xgboost"),
        lambda: ScheduledComputeConfig(start_date="yesterday"),
        lambda: ScheduledComputeConfig(start_date="2019-01-01", schedule="weekly"),
        lambda: ScheduledComputeConfig(
            "2019-01-01", single_machine_config=SingleMachineConfig(), spark_config=SparkConfig()
        ),
        lambda: SingleMachineConfig(num_cpu=0),
        lambda: SingleMachineConfig(memory="lots"),
        lambda: SingleMachineConfig(memory=True),
        lambda: SparkConfig(num_executors=0),
        lambda: OnlineServingConfig(num_workers=0),
        lambda: OnlineServingConfig(timeout="0s"),
        lambda: TransformConfig(),
        lambda: Gate("roc_auc"),
        lambda: Gate("roc_auc", at_least=0.9, at_most=0.1),
        lambda: Gate("roc_auc", at_least=float("nan")),
        lambda: Holdout("0d"),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(DefinitionError) as refused:
        make()
    assert refused.value.cure


def test_names_are_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'roc_auc'"):
        Gate("roc_acu", at_least=0.7)
    with pytest.raises(NameCollisionError, match="two gates on 'ece'"):
        rental(gates=[Gate("ece", at_most=0.1), Gate("ece", at_least=0.0)])


@pytest.mark.parametrize(
    ("gate", "value", "passes"),
    [
        (Gate("ece", at_most=0.03), 0.03, True),
        (Gate("ece", at_most=0.03), 0.0301, False),
        (Gate("ece", at_least=0.0, at_most=0.03), -0.1, False),
        (Gate("roc_auc", at_least=0.7), float("nan"), False),
    ],
)
def test_a_gate_includes_its_bounds(gate, value, passes):
    assert gate.passes(value) is passes
