"""DuckDB: ASOF LEFT JOIN, strictly before."""

import json
import sys
import time

import duckdb

folder, repeat = sys.argv[1], int(sys.argv[2])
query = f"""
    create or replace table result as
    select r.id, e.amount as last
    from '{folder}/rows.parquet' r asof left join '{folder}/unique.parquet' e on r.k = e.k and r.ts > e.ts"""

database = duckdb.connect()
best = float("inf")
for _ in range(repeat):
    started = time.perf_counter()
    database.execute(query)
    best = min(best, time.perf_counter() - started)
database.execute(f"copy result to '{folder}/duckdb_asof.parquet' (format parquet)")
print(json.dumps({"seconds": best, "version": duckdb.__version__}))
