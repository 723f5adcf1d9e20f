"""`bighead backfill`: feature partitions for a range of days, as runs that the Dagster UI shows like its own."""

from __future__ import annotations

from typing import Any

import click

from bighead.cli.output import step, verb


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
        done: dict[str, dict[str, Any]] = {}
        for name in feature_sets or orchestra.feature_sets():
            with step(f"backfill {name}") as tell:
                run = orchestra.materialize([f"features/{name}"], first=first, last=last)
                if online and run.ok:
                    orchestra.upload(name, last)
                done[name] = {"rows": sum(run.rows.values()), "seconds": round(run.seconds, 1), "ok": run.ok}
                tell(f"{done[name]['rows']:,} rows")
                if run.failures:
                    done[name]["failures"] = dict(run.failures)
    return {"ok": all(each["ok"] for each in done.values()), "feature_sets": done}
