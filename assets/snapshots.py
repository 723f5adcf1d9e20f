"""Step 2 of 9, backfill: `warehouse/<table>`, today's snapshot of a key-value store that keeps no history."""

from pathlib import Path

import dagster as dg

from bighead.assets import keys
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.layout import Layout
from bighead.assets.metadata import tags
from bighead.resources.dagster_bindings import WarehouseResource
from bighead.resources.sources import Warehouse


def snapshot_asset(table: str, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset that reads the store as it is now, in place of an earlier reading of the day.

    It has no partitions: a day that was missed cannot be read afterwards.
    """

    @dg.asset(
        key=keys.table(table),
        retry_policy=STORE_RETRIES,
        group_name="warehouse",
        kinds={"redis", "deltalake"},
        tags=tags("2-backfill"),
        description=f"Snapshots of `{table}`, one a day: what was read on a day is known from its end on.",
    )
    def taken(warehouse: WarehouseResource) -> dg.MaterializeResult[None]:
        with refusals():
            made = Warehouse(Path(warehouse.root)).take(table, layout.settings.now_clock)
        return dg.MaterializeResult(metadata={"dagster/row_count": made.rows, "ds": made.day.isoformat()})

    return taken
