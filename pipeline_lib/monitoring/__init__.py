"""Step 9 of 9, monitor: drift of inputs, consistency of online with offline, performance against labels."""

from bighead.pipeline_lib.monitoring.calibration import LEAST_ROWS
from bighead.pipeline_lib.monitoring.consistency import ConsistencyReport, check_consistency
from bighead.pipeline_lib.monitoring.drift import DriftReport, FeatureDrift, measure_drift
from bighead.pipeline_lib.monitoring.mismatch import Mismatch
from bighead.pipeline_lib.monitoring.performance import PerformanceReport, measure_performance
from bighead.pipeline_lib.monitoring.skew import FeatureSkew, SkewReport, measure_skew

__all__ = [
    "LEAST_ROWS",
    "ConsistencyReport",
    "DriftReport",
    "FeatureDrift",
    "FeatureSkew",
    "Mismatch",
    "PerformanceReport",
    "SkewReport",
    "check_consistency",
    "measure_drift",
    "measure_performance",
    "measure_skew",
]
