"""Adapters of the library's ports: one small protocol and its twins a file; Dagster only in dagster_bindings."""
