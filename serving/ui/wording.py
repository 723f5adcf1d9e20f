"""How values are written on pages: times in UTC, metrics to four digits, spans as days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

_NAMES: Final[dict[str, str]] = {
    "roc_auc": "ROC AUC",
    "pr_auc": "PR AUC",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "ece": "Calibration error",
    "accuracy": "Accuracy",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
}


def when(instant: datetime) -> str:
    """Return an instant to the minute.

    >>> from datetime import UTC
    >>> when(datetime(2013, 11, 1, 6, 5, tzinfo=UTC))
    '2013-11-01 06:05 UTC'
    """
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def day(instant: datetime) -> str:
    """Return an instant's day, with the time only where it is not midnight.

    >>> from datetime import UTC
    >>> day(datetime(2013, 11, 1, tzinfo=UTC)), day(datetime(2013, 11, 1, 6, tzinfo=UTC))
    ('2013-11-01', '2013-11-01 06:00')
    """
    midnight = (instant.hour, instant.minute, instant.second, instant.microsecond) == (0, 0, 0, 0)
    return instant.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")


def span(interval: tuple[datetime, datetime]) -> str:
    """Return a half-open interval's length.

    >>> span((datetime(2013, 1, 1), datetime(2013, 1, 31)))
    '30 days'
    """
    length = interval[1] - interval[0]
    if length >= timedelta(days=2):
        return f"{length.days:,} days"
    return f"{length / timedelta(hours=1):.0f} h"


def metric(value: float | None) -> str:
    """Return a metric to four digits after the point, or a dash where there is none.

    >>> metric(0.73649), metric(None), metric(12345.0), metric(751)
    ('0.7365', '–', '12,345', '751')
    """
    if value is None:
        return "–"
    # A count is a whole number above one; no score is.
    whole = abs(value) >= 1000 or (abs(value) > 1 and float(value).is_integer())
    return f"{value:,.0f}" if whole else f"{value:.4f}"


def title(name: str) -> str:
    """Return a metric's name as people write it.

    >>> title("roc_auc"), title("lift_at_10")
    ('ROC AUC', 'lift at 10')
    """
    return _NAMES.get(name, name.replace("_", " "))


def short(text: str, limit: int = 12) -> str:
    """Return the beginning of a hash or another long name."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def words(detail: Any) -> str:
    """Return a check's detail as one line.

    >>> words({"seen": 0.72, "at_least": 0.7})
    'seen 0.72, at_least 0.7'
    """
    if isinstance(detail, dict):
        parts = (f"{name} {_brief(value)}" for name, value in detail.items() if value is not None)
        return ", ".join(parts)
    return "" if detail is None else _brief(detail)


def _brief(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


FILTERS: Final[dict[str, Callable[..., str]]] = {
    "when": when,
    "day": day,
    "span": span,
    "metric": metric,
    "title_of": title,
    "short": short,
    "words": words,
}
