"""The gate rule: an artifact becomes active only if every required check was recorded, and none failed.

Checks compute and record verdicts elsewhere; here they are only read. The newest verdict of a check counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bighead.pipeline_lib.errors import GateFailedError, quoted
from bighead.pipeline_lib.registry.values import Artifact


def required_checks(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the checks that a model's config requires.

    These are `required_checks` as written, and one for each of its `gates`, named by the gate's metric.

    >>> required_checks({"gates": [{"metric": "roc_auc", "at_least": 0.7}], "required_checks": ["loads"]})
    ('loads', 'roc_auc')
    """
    gates = [str(gate["metric"]) for gate in config.get("gates") or ()]
    return tuple(dict.fromkeys([*map(str, config.get("required_checks") or ()), *gates]))


def check_gates(artifact: Artifact, config: Mapping[str, Any]) -> None:
    """Refuse an artifact whose checks do not all stand.

    Raises:
        GateFailedError: a check failed, a required one was never recorded, or none was recorded at all.
    """
    who = f"artifact {artifact.number} of {artifact.model!r}"
    failed = [check for check in artifact.checks if not check.passed]
    if failed:
        said = "; ".join(f"{check.name!r}: {_words(check.detail)}" for check in failed)
        raise GateFailedError(
            f"{who} failed {said}.", cure="Train a better one, or promote with force (audited)."
        )
    recorded = {check.name for check in artifact.checks}
    missing = [name for name in required_checks(config) if name not in recorded]
    if missing or not recorded:
        what = f"no verdict of {quoted(missing)}" if missing else "no verdict of any check"
        raise GateFailedError(
            f"{who} has {what}.", cure="Run its checks first, or promote with force (audited)."
        )


def _words(detail: Any) -> str:
    if isinstance(detail, Mapping):
        return ", ".join(f"{name} {value}" for name, value in detail.items()) or "failed"
    return str(detail) or "failed"
