"""Step 9 of 9, monitor: what the monitors found, as Dagster shows it: numbers, pictures, checks."""

from typing import Any

import dagster as dg

from bighead.assets.pictures import bars
from bighead.pipeline_lib.monitoring import (
    LEAST_ROWS,
    ConsistencyReport,
    DriftReport,
    FeatureDrift,
    SkewReport,
)

DRIFT_CHECK = "no_drift"
SKEW_CHECK = "no_skew"
DRIFTED_PSI = 0.25
BARS_SHOWN = 15
MISMATCHES_SHOWN = 50


def drift_result(report: DriftReport | None, rows: int) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Return a day's drift as numbers and a picture; too few rows to judge are no drift, and say so."""
    features = report.features if report else ()
    drifted = report.drifted(DRIFTED_PSI) if report else ()
    if report is None:
        said = f"{rows} rows were logged; {LEAST_ROWS} are needed to judge"
    else:
        said = ", ".join(map(drift_said, drifted[:10])) or "no input has drifted"
    check = dg.AssetCheckResult(
        passed=not drifted, check_name=DRIFT_CHECK, severity=dg.AssetCheckSeverity.WARN, description=said
    )
    # Not the largest: the calendar's PSI is large on every day.
    shown = sorted(features, key=lambda each: -each.severity(DRIFTED_PSI))[:BARS_SHOWN]
    usual = {each.column: each.usual for each in shown if each.usual is not None}
    title = "PSI (line and brackets: usual up to)" if usual else "PSI"
    metadata: dict[str, Any] = {
        "rows": rows,
        "drifted": len(drifted),
        "calibrated": sum(each.usual is not None for each in features),
        "worst_psi": max((each.psi for each in features), default=0.0),
        "psi": bars(title, {each.column: each.psi for each in shown}, usual),
    }
    return dg.MaterializeResult(metadata=metadata, check_results=[check])


def drift_said(drift: FeatureDrift) -> str:
    """Return what a check says of a column that has drifted, as `carrier_x 0.93 (usual up to 0.41)`."""
    if drift.usual is None:
        return f"{drift.column} {drift.psi:.2f}"
    if drift.psi > drift.usual:
        return f"{drift.column} {drift.psi:.2f} (usual up to {drift.usual:.2f})"
    # Its values are as usual; only how many there are is not.
    usual = drift.missing_usual or 0.0
    return f"{drift.column} missing {drift.missing_change:+.0%}, {drift.missing_psi:.2f} (usual up to {usual:.2f})"


def skew_result(skew: SkewReport, limit: float) -> tuple[dg.AssetCheckResult, dict[str, Any]]:
    """Return the check of a day's skew, and its numbers."""
    beyond = skew.beyond(limit)
    said = ", ".join(f"{each.feature} {each.share:.2%}" for each in beyond[:10])
    check = dg.AssetCheckResult(
        passed=not beyond,
        check_name=SKEW_CHECK,
        severity=dg.AssetCheckSeverity.WARN,
        description=said or "no feature is skewed",
    )
    shown = {each.feature: each.share for each in skew.features[:BARS_SHOWN] if each.differing}
    sizes = [
        {"feature": each.feature, "share": each.share, "size": each.size}
        for each in skew.features[:BARS_SHOWN]
    ]
    metadata: dict[str, Any] = {"skew": skew.share, "skewed": dg.MetadataValue.json(sizes)}
    return check, metadata | ({"skew_shares": bars("share that differs", shown)} if shown else {})


def consistency_result(report: ConsistencyReport, skew: SkewReport, limit: float) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Return what a replay found, and how much the store lacked.

    Raises:
        Failure: a served value differs; the metadata name requests, values and the events that make them.
    """
    counts = {
        "requests": report.requests,
        "compared": report.compared,
        "stale": report.stale,
        "other": report.other,
    }
    if report.consistent:
        check, told_skew = skew_result(skew, limit)
        return dg.MaterializeResult(metadata={**counts, "mismatches": 0, **told_skew}, check_results=[check])
    first = report.mismatches[0]
    shown = [
        {
            "request": each.request_id,
            "row": each.row,
            "feature": each.feature,
            "at": each.at.isoformat(),
            "keys": {name: str(value) for name, value in each.keys.items()},
            "served": str(each.served),
            "replayed": str(each.replayed),
            "events": list(each.events),
        }
        for each in report.mismatches[:MISMATCHES_SHOWN]
    ]
    raise dg.Failure(
        description=f"{len(report.mismatches)} of {report.compared} served values differ from their rows; first "
        f"{first.feature} of request {first.request_id}: served {first.served}, rows say {first.replayed}.",
        metadata={**counts, "mismatches": len(report.mismatches), "first": dg.MetadataValue.json(shown)},
        allow_retries=False,
    )
