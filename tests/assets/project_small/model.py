"""Two models of one training set: one whose gate can be passed, one whose gate cannot."""

from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.model_config import Gate, Holdout, ModelConfig, ScheduledComputeConfig, Schedules
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import NaNToMean, OneHotLabelEncoder, StandardScaler
from project_small.training_set import visit

NUMERIC = [
    "purchase_price_count_1d",
    "purchase_price_count_7d",
    "purchase_price_sum_7d",
    "purchase_price_max_7d",
    "profile_tier",
    "profile_age",
    "moment_hour",
]


def small_pipeline(name: str) -> Pipeline:
    p = Pipeline(name)
    p[NUMERIC] >>= [NaNToMean(), StandardScaler()]
    p[["device"]] >>= OneHotLabelEncoder()
    p >>= XGBClassifier(objective="binary:logistic", n_estimators=12, max_depth=3, random_state=0)
    return p


def model(name: str, gate: Gate) -> ModelConfig:
    return ModelConfig(
        name=name,
        owner="team:shop",
        team="shop",
        description="Does this visit end in a purchase?",
        tags=["xgboost"],
        pipeline=small_pipeline(name),
        source=visit,
        fit_config=ScheduledComputeConfig(start_date="2024-01-01", schedule=Schedules.Mondays),
        holdout=Holdout(span="2d"),
        gates=[gate],
    )


buys = model("buys", Gate("roc_auc", at_least=0.6))
buys_surely = model("buys_surely", Gate("roc_auc", at_least=0.999))
