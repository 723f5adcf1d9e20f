"""What a new artifact must reach before it may be promoted, and on which rows that is measured."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features import duration

METRICS = ("roc_auc", "pr_auc", "log_loss", "brier", "ece", "accuracy", "rmse", "mae", "r2")


@dataclass(frozen=True)
class Gate:
    """A bound on one metric of the holdout: `at_least` or `at_most`, or both.

    >>> gate = Gate("roc_auc", at_least=0.7)
    >>> gate.passes(0.71), gate.passes(0.69), gate.passes(None)
    (True, False, False)

    Raises:
        UnknownNameError: no such metric.
        DefinitionError: no bound, one that is no finite number, or bounds that exclude each other.
    """

    metric: str
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise UnknownNameError("metric", self.metric, METRICS)
        bounds = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        if not bounds or not all(math.isfinite(bound) for bound in bounds) or bounds != sorted(bounds):
            raise DefinitionError(
                f"the gate on {self.metric!r} has at_least={self.at_least!r}, at_most={self.at_most!r}.",
                cure="Give a finite bound, and at_least no higher than at_most.",
            )

    def passes(self, value: float | None) -> bool:
        """Whether a measured value lies within the bounds; what was not measured does not."""
        if value is None or math.isnan(value):
            return False
        high_enough = self.at_least is None or value >= self.at_least
        return high_enough and (self.at_most is None or value <= self.at_most)

    @property
    def text(self) -> str:
        """The bound in words.

        >>> Gate("ece", at_most=0.03).text
        'ece ≤ 0.03'
        """
        low = "" if self.at_least is None else f"{self.at_least:g} ≤ "
        high = "" if self.at_most is None else f" ≤ {self.at_most:g}"
        return f"{self.metric} ≥ {self.at_least:g}" if low and not high else f"{low}{self.metric}{high}"


@dataclass(frozen=True)
class Holdout:
    """The newest `span` of questions is kept aside and measured on; then `refit` fits again on all.

    Raises:
        DefinitionError: a span that is no positive duration.
    """

    span: str = "28d"
    refit: bool = True

    def __post_init__(self) -> None:
        if duration(self.span) <= 0:
            raise DefinitionError(f"the holdout's span is {self.span!r}.", cure="Expected one as '28d'.")

    @property
    def span_us(self) -> int:
        """The span in microseconds."""
        return duration(self.span)
