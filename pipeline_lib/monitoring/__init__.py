"""Step 9 of 9, monitor: drift of inputs, consistency of online with offline, performance against labels."""

from bighead.pipeline_lib.monitoring.calibration import LEAST_ROWS
from bighead.pipeline_lib.monitoring.consistency import ConsistencyReport, Mismatch, check_consistency
from bighead.pipeline_lib.monitoring.drift import DriftReport, FeatureDrift, measure_drift
from bighead.pipeline_lib.monitoring.performance import PerformanceReport, measure_performance

__all__ = [
    "LEAST_ROWS",
    "ConsistencyReport",
    "DriftReport",
    "FeatureDrift",
    "Mismatch",
    "PerformanceReport",
    "check_consistency",
    "measure_drift",
    "measure_performance",
]
