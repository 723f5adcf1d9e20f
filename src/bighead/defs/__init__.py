"""Where `dg` looks for `defs.yaml` files of this code location; the platform itself needs none.

Users' components live in their own projects: see `bighead.assets.components`.
"""
