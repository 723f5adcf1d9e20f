"""Days of sets that are built on sets: after those below, touched with them, planned with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from rated_orders import (
    BUYERS,
    DAYS,
    END,
    LEFT,
    ORDERS,
    RATED,
    RATINGS,
    SELLERS,
    SOLD,
    START,
    T0,
    TIME,
    Tables,
    tables,
)

from bighead.pipeline_lib.errors import DataError, StaleRowsError
from bighead.pipeline_lib.features import (
    Aggregation,
    Catalog,
    ChainedSource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    Mutations,
    TrainingSet,
)
from bighead.pipeline_lib.planning import plan_project
from bighead.pipeline_lib.point_in_time import (
    SourceRows,
    StoreRows,
    backfill,
    touched_days,
)
from bighead.pipeline_lib.project import Project
from bighead.resources.offline_store import DeltaOfflineStore


def stored(folder: Path, given: Tables, *sets: FeatureSet) -> DeltaOfflineStore:
    store = DeltaOfflineStore(folder)
    for each in sets:
        backfill(each, DAYS, given, store, rows_a_commit=4)
    return store


def same(made: FeatureSet, given: Tables, store: DeltaOfflineStore) -> None:
    held, read = StoreRows(store).rows(made, T0, END), SourceRows(given).rows(made, T0, END)
    assert held.sort("event_id").equals(read.sort("event_id"))


def test_stored_days_hold_what_the_sources_give(tmp_path):
    given = tables(RATINGS, ORDERS)
    store = stored(tmp_path, given, SELLERS, BUYERS)
    same(BUYERS, given, store)
    assert touched_days(BUYERS, DAYS, given, store) == []
    version = store.version("buyers")
    backfill(BUYERS, DAYS, given, store)
    assert store.version("buyers") == version


def test_days_of_the_sets_below_come_first(tmp_path):
    given, store = tables(RATINGS, ORDERS), DeltaOfflineStore(tmp_path)
    with pytest.raises(DataError, match="features/sellers lacks 6 days"):
        backfill(BUYERS, DAYS, given, store)
    backfill(SELLERS, DAYS[:3], given, store)
    backfill(BUYERS, DAYS[:3], given, store)
    with pytest.raises(DataError, match="features/sellers lacks"):
        backfill(BUYERS, DAYS, given, store)
    other = replace(SELLERS, source=replace(SELLERS.source, where="stars > 1"))
    with pytest.raises(StaleRowsError, match=r"source\.where"):
        backfill(
            replace(
                BUYERS, name="others", source=replace(BUYERS.source, features=[other.on(seller="sold_by")])
            ),
            DAYS[:3],
            given,
            store,
        )


def test_a_day_below_that_is_written_again_touches_the_days_that_see_it(tmp_path):
    given = tables(RATINGS, ORDERS)
    store = stored(tmp_path, given, SELLERS, BUYERS)
    late = {
        "n": 99,
        "seller": "t",
        "at": T0 + timedelta(days=1, hours=2),
        "known": T0 + timedelta(days=1, hours=2),
        "stars": 3.0,
    }
    given["ratings"] = pl.concat([given["ratings"], pl.DataFrame([late], schema=RATED)])
    backfill(SELLERS, [DAYS[1]], given, store, force=True)
    assert touched_days(BUYERS, DAYS, given, store) == DAYS[1:4]
    project = Project("shop", Path(), Catalog([SELLERS, BUYERS], []), {})
    plan = plan_project(project, store, END, tables=given)
    assert {each.name: each.days for each in plan.sets} == {"sellers": (), "buyers": tuple(DAYS[1:4])}
    assert "3 touched since" in str(plan)
    backfill(BUYERS, [DAYS[5]], given, store)
    assert touched_days(BUYERS, DAYS, given, store) == []
    same(BUYERS, given, store)


def test_a_plan_tells_who_is_built_on_a_set_and_what_it_makes_stale(tmp_path):
    given = tables(RATINGS, ORDERS)
    store = stored(tmp_path, given, SELLERS, BUYERS)
    other = replace(SELLERS, version=2)
    above = replace(BUYERS, source=replace(BUYERS.source, features=[other.on(seller="sold_by")]))
    asked = TrainingSet(
        name="visits",
        left=LeftTable("visits", known={"buyer": "0s"}),
        timestamp="ts",
        row_id="id",
        features=[above],
        label=Label("late", "1d"),
    )
    project = Project("shop", Path(), Catalog([above, other], [asked]), {})
    below, on_it = plan_project(project, store, END, tables=given).sets
    assert (below.name, below.feature_sets, below.training_sets) == ("sellers", ("buyers",), ("visits",))
    assert (on_it.name, on_it.status, on_it.stale) == ("buyers", "meaning changed", tuple(DAYS))
    inclusive = replace(
        other,
        boundary="inclusive",
        source=EventSource("orders", "ts", start_date=START),
        keys=["sold_by"],
        aggregations=[Aggregation("price", "sum", ["1d"])],
    )
    own = replace(
        above,
        source=ChainedSource(LEFT, [inclusive]),
        aggregations=[Aggregation("sellers_price_sum_1d", "sum", ["1d"])],
    )
    [told] = plan_project(Project("shop", Path(), Catalog([inclusive, own]), {}), store, END).warnings
    assert "a row sees itself" in told


def test_left_rows_that_change_stay_behind_on_no_day(tmp_path):
    schema = {**SOLD, "changed": TIME, "op": pl.String}
    log = pl.DataFrame([{**row, "changed": row["ts"], "op": "c"} for row in ORDERS], schema=schema)
    given = Tables(tables(RATINGS, ORDERS), log=log)
    left = replace(LEFT, table="log", mutations=Mutations("changed", operation="op"))
    made = replace(BUYERS, source=replace(BUYERS.source, left=left))
    assert made.source.retracts
    store = stored(tmp_path, given, SELLERS, made)
    gone = {**ORDERS[3], "changed": T0 + timedelta(days=4), "op": "d"}
    given["log"] = pl.concat([log, pl.DataFrame([gone], schema=schema)])
    assert touched_days(made, DAYS, given, store) == [ORDERS[3]["ts"].date()]
    backfill(made, [DAYS[5]], given, store)
    same(made, given, store)
    held = StoreRows(store).rows(made, T0, END).filter(pl.col("event_id") == 3)
    assert held["available_to"].to_list() == [gone["changed"]]


@pytest.mark.parametrize(("rated", "sold"), [([], []), ([], ORDERS), (RATINGS, [])])
def test_nothing_is_no_error(rated, sold, tmp_path):
    given = tables(rated, sold)
    full = SourceRows(tables(RATINGS, ORDERS)).rows(BUYERS, None, END)
    assert SourceRows(given).rows(BUYERS, None, END).schema == full.schema
    same(BUYERS, given, stored(tmp_path, given, SELLERS, BUYERS))
