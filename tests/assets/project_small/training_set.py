"""Each visit asks: will it end in a purchase?"""

from bighead.pipeline_lib.features import Label, LeftTable, TrainingSet

visit = TrainingSet(
    name="visit",
    owner="team:shop",
    left=LeftTable("visits", known={"shopper": "0s", "device": "0s"}),
    timestamp="asked_at",
    row_id="id",
    features=["purchase", "profile", "moment"],
    inputs=["device"],
    label=Label("buys", horizon="1h"),
)
