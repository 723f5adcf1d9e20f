"""What is known of a shopper, and of the moment."""

from bighead.pipeline_lib.features import Aggregation, CalendarSource, EntitySource, EventSource, FeatureSet

purchase = FeatureSet(
    name="purchase",
    owner="team:shop",
    keys=["shopper"],
    source=EventSource(
        table="purchases",
        stream="purchases",
        event_time="bought_at",
        available_at="arrived_at",
        event_id="id",
        start_date="2024-01-01",
    ),
    aggregations=[
        Aggregation("price", "count", windows=["1d", "7d"]),
        Aggregation("price", "sum", windows=["7d"]),
        Aggregation("price", "max", windows=["7d"]),
    ],
    docs={"price": "What was paid, in euros"},
    tags=["money"],
)

profile = FeatureSet(
    name="profile",
    owner="people@example.com",
    keys=["shopper"],
    source=EntitySource(table="profiles"),
    columns=["tier", "age"],
)

moment = FeatureSet(
    name="moment", owner="team:shop", keys=[], source=CalendarSource("UTC"), columns=["hour", "weekday"]
)
