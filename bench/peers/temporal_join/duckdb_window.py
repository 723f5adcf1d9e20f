"""DuckDB: events and rows in one relation, range windows by key, then the rows alone."""

import json
import sys
import time

import duckdb

folder, repeat = sys.argv[1], int(sys.argv[2])
DAYS = (7, 30, 90)
OPERATIONS = {"count": "count", "sum": "sum", "average": "avg", "min": "min", "max": "max"}
values = ", ".join(f"{sql}(amount) over w{d} as {name}_{d}" for d in DAYS for name, sql in OPERATIONS.items())
windows = ", ".join(
    f"w{d} as (partition by k order by ts range between interval {d} days preceding"
    " and interval 1 microsecond preceding)"
    for d in DAYS
)
query = f"""
    create or replace table result as select * exclude (amount, k, ts) from (
        select id, k, ts, amount, {values} from (
            select null::bigint as id, k, ts, amount from '{folder}/events.parquet'
            union all select id, k, ts, null from '{folder}/rows.parquet')
        window {windows})
    where id is not null"""

database = duckdb.connect()
best = float("inf")
for _ in range(repeat):
    started = time.perf_counter()
    database.execute(query)
    best = min(best, time.perf_counter() - started)
database.execute(f"copy result to '{folder}/duckdb.parquet' (format parquet)")
print(json.dumps({"seconds": best, "version": duckdb.__version__}))
