"""The offline way as Dagster assets: factories that turn a project's definitions into a graph."""

import warnings

import dagster as dg

# Dagster marks these parts of its own API as beta; we use them on purpose, and pin its version.
# Anything else that it warns of is shown.
for _beta in (
    "Parameter `backfill_policy` of function `asset`",  # a range of days is one run
    "Parameter `backfill_policy` of initializer `AssetsDefinition",
):
    warnings.filterwarnings("ignore", category=dg.BetaWarning, message=_beta)
