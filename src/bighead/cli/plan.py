"""`bighead plan`: the project's definitions beside what is stored: what a backfill would do. Nothing runs."""

from __future__ import annotations

import click

from bighead.cli.output import Told, verb


@click.command("plan")
@click.argument("feature_sets", nargs=-1)
@click.option("--late", is_flag=True, help="Read the sources for rows that came after their day was stored.")
@verb
def command(feature_sets: tuple[str, ...], late: bool) -> Told:
    """Compare FEATURE_SETS (all if none is named) with the stored days and the online store.

    For each: what is new or means something else now, the days to compute and about how long that takes, the
    training sets and models that use it, and the generations of the online store that no longer match.
    """
    from bighead.session import Session

    with Session() as session:
        plan = session.plan(feature_sets=feature_sets, late=late)
    return Told({"ok": True, **plan.to_plain()}, str(plan))
