"""A plan in words, for a terminal or a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bighead.pipeline_lib.features.batch_grain import grain_of, key_of
from bighead.pipeline_lib.planning.set_plan import SetPlan

if TYPE_CHECKING:
    from bighead.pipeline_lib.planning.plan import Plan


def in_words(plan: Plan) -> str:
    """Return a line for each set, what there is to do below it, and the sum."""
    lines = [f"{plan.project}, as of {plan.now.isoformat()}"]
    width = max((len(each.name) for each in plan.sets), default=0)
    for each in plan.sets:
        lines.append(f"  {each.name:<{width}}  {each.status}{_difference(each)}")
        lines += [f"  {'':<{width}}    {line}" for line in _below(each)]
    for name, weeks in plan.stale_weeks.items():
        lines.append(
            f"  training set {name}: {len(weeks):,} weeks, {weeks[0]} to {weeks[-1]}, are of another definition"
        )
    parts = [f"{n:,} {noun}" for n, noun in ((plan.days, "days"), (plan.hours, "hours")) if n]
    lines.append(
        f"{' and '.join(parts)} to compute, {time_needed(plan.seconds)}" if parts else "nothing to compute"
    )
    return "\n".join([*lines, *(f"warning: {warning}" for warning in plan.warnings)])


def time_needed(seconds: float | None) -> str:
    """Return an estimate as people say it.

    >>> time_needed(83.4), time_needed(0.2), time_needed(None)
    ('about 1:23', 'less than a second', 'nobody knows how long')
    """
    if seconds is None:
        return "nobody knows how long"
    if seconds < 1:
        return "less than a second"
    minutes, rest = divmod(round(seconds), 60)
    return f"about {minutes}:{rest:02d}"


def _difference(each: SetPlan) -> str:
    told = [f"{c.field} was {c.stored or '–'}, is {c.now or '–'}" for c in each.changes]
    told += [f"with {name}" for name in each.added]
    return f": {'; '.join(told)}" if told else ""


def _touched(each: SetPlan) -> str:
    return f", {len(each.touched):,} touched since" if each.touched else ""


def _below(each: SetPlan) -> list[str]:
    lines = []
    if each.days:
        noun = grain_of(each.days[0]).noun
        rows = "unknown rows" if each.rows is None else f"about {each.rows:,} rows"
        lines.append(
            f"{len(each.days):,} {noun}s to compute, {key_of(each.days[0])} to {key_of(each.days[-1])}"
            f" ({len(each.missing):,} missing, {len(each.stale):,} stale{_touched(each)}):"
            f" {rows}, {time_needed(each.seconds)}"
        )
    if each.unknown:
        lines.append(
            f"{each.unknown:,} days do not say what they were computed from: --force computes them again"
        )
    users = [f"feature set {name}" for name in each.feature_sets]
    users += [*(f"training set {name}" for name in each.training_sets), *(f"model {m}" for m in each.models)]
    if users and (each.days or each.online):
        lines.append(f"used by {', '.join(users)}")
    return [*lines, *(f"online: {told}" for told in each.online)]
