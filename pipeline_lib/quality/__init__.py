"""Declared checks of feature sets, and the schema that a source had when it was last read."""

from bighead.pipeline_lib.quality.checks import (
    Check,
    Drift,
    Freshness,
    Lateness,
    NullRate,
    Range,
    Unique,
    Volume,
)

__all__ = ["Check", "Drift", "Freshness", "Lateness", "NullRate", "Range", "Unique", "Volume"]
