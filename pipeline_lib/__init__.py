"""The pure library: features, point-in-time joins, pipelines, artifacts and the rules of registry and monitoring.

It knows no Dagster, no Litestar, no database and no network; what it needs from outside it declares as a
port (`bighead.pipeline_lib.ports`) that `bighead.resources` adapts.
"""
