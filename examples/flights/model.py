"""The model: every input on one scale, one gradient-boosted forest, trained anew each Friday."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.model_config import (
    Gate,
    Holdout,
    ModelConfig,
    OnlineServingConfig,
    ScheduledComputeConfig,
    Schedules,
    SingleMachineConfig,
    TransformConfig,
)
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import NaNToMean, OneHotLabelEncoder, StandardScaler
from flights.training_set import flights


def late_pipeline(columns: Sequence[str] = flights.input_columns, seed: int | None = None) -> Pipeline:
    """Return the unfitted pipeline over these inputs; without a seed it takes the model's."""
    categorical = [column for column in columns if column in flights.input_names]
    numeric = [column for column in columns if column not in flights.input_names]

    p = Pipeline("flight_late")
    p[numeric] >>= [NaNToMean(), StandardScaler()]
    p[categorical] >>= OneHotLabelEncoder()
    p >>= XGBClassifier(
        objective="binary:logistic",
        n_estimators=100,
        learning_rate=0.1,
        max_depth=6,
        max_bin=64,
        min_child_weight=20,
        reg_lambda=5.0,
        subsample=0.8,
        colsample_bytree=0.5,
        random_state=seed,
    )
    return p


flight_late = ModelConfig(
    name="flight_late",
    owner="team:flights",
    team="flights",
    description="Will this flight be over 15 minutes late, or not come? Asked two hours before it leaves.",
    tags=["xgboost", "example"],
    pipeline=late_pipeline(),
    source=flights,
    fit_config=ScheduledComputeConfig(
        start_date="2013-01-04",  # a Friday: a week's partition ends where November begins
        schedule=Schedules.Fridays,
        single_machine_config=SingleMachineConfig(num_cpu=2, memory="4Gi"),
    ),
    transform_config=TransformConfig(
        offline_config=ScheduledComputeConfig(start_date="2013-10-01", schedule=Schedules.EveryDay),
        online_config=OnlineServingConfig(num_workers=1),
    ),
    # README, "The gates": why these, and which week of November fails them.
    gates=[Gate("roc_auc", at_least=0.715), Gate("ece", at_most=0.03)],
    holdout=Holdout(span="28d", refit=True),
)
