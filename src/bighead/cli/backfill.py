"""`bighead backfill`: feature partitions for a range of days, as runs that the Dagster UI shows like its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bighead.cli.output import verb
from bighead.cli.progress import steps

if TYPE_CHECKING:
    from bighead.cli.orchestration import Orchestra


@click.command("backfill")
@click.argument("feature_sets", nargs=-1)
@click.option("--from", "first", default="", help="First day, 2013-01-01; default: the source's first.")
@click.option("--to", "last", default="", help="Last day, included; default: the last whole one.")
@click.option(
    "--online", is_flag=True, help="Then upload the last midnight's generation to the online store."
)
@verb
def command(feature_sets: tuple[str, ...], first: str, last: str, online: bool) -> dict[str, Any]:
    """Compute the day partitions of FEATURE_SETS, of all if none is named; a set's days are one run."""
    from bighead.cli.orchestration import Orchestra

    with Orchestra.open() as orchestra:
        orchestra.prepare_tables()
        days = {name: orchestra.days(name, first, last) for name in feature_sets or orchestra.feature_sets()}
        done: dict[str, dict[str, Any]] = {}
        with steps("backfill", [len(each) for each in days.values()]) as journey:
            for name, keys in days.items():
                with journey.step(f"{name}, {len(keys)} days") as tell:
                    done[name] = _backfill(orchestra, name, keys, online)
                    tell(f"{done[name]['rows']:,} rows")
    return {"ok": all(each["ok"] for each in done.values()), "feature_sets": done}


def _backfill(orchestra: Orchestra, name: str, days: list[str], online: bool) -> dict[str, Any]:
    run = orchestra.materialize([f"features/{name}"], keys=days)
    if online and run.ok and days:
        orchestra.upload(name, days[-1])
    done = {"rows": sum(run.rows.values()), "seconds": round(run.seconds, 1), "ok": run.ok}
    return done | ({"failures": dict(run.failures)} if run.failures else {})
