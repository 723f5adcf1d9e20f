"""`bighead backfill`: feature partitions for a range of days, as runs that the Dagster UI shows like its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bighead.cli.output import verb
from bighead.cli.progress import Steps, Tell, steps

if TYPE_CHECKING:
    from bighead.assets.chunks import OnChunk
    from bighead.cli.orchestration import Orchestra


@click.command("backfill")
@click.argument("feature_sets", nargs=-1)
@click.option(
    "--from",
    "first",
    default="",
    help="First day, 2013-01-01, or hour, 2013-01-01-13:00; default: the source's first.",
)
@click.option("--to", "last", default="", help="Last day or hour, included; default: the last whole one.")
@click.option(
    "--force", is_flag=True, help="Compute stored days again too: name the range that rows came late for."
)
@click.option(
    "--late", is_flag=True, help="Read the source, and compute the stored days again that rows came late for."
)
@click.option(
    "--online",
    is_flag=True,
    help="Then upload the generation of the last midnight, or hour, to the online store.",
)
@verb
def command(
    feature_sets: tuple[str, ...], first: str, last: str, force: bool, late: bool, online: bool
) -> dict[str, Any]:
    """Compute the days (or hours) of FEATURE_SETS (all if none is named) that lack, or that another definition made.

    Each chunk of days is one commit. Killed anywhere, what was committed stands; the same command again
    computes the rest. `bighead plan` says beforehand what there is to do.
    """
    from bighead.cli.orchestration import Orchestra

    with Orchestra.open() as orchestra:
        orchestra.prepare_tables()
        asked = {name: orchestra.days(name, first, last) for name in feature_sets or orchestra.feature_sets()}
        days = {
            name: each if force else orchestra.lacking_days(name, each, late=late)
            for name, each in asked.items()
        }
        done: dict[str, dict[str, Any]] = {}
        with steps("backfill", [len(each) or 0.1 for each in days.values()]) as journey:
            for name, keys in days.items():
                with journey.step(f"{name}, {orchestra.grain(name).count(len(keys))}") as tell:
                    run = orchestra.backfill(name, keys, force=force or late, on_chunk=_shown(journey, tell))
                    tell(f"{sum(run.rows.values()):,} rows")
                if online and run.ok and asked[name]:
                    orchestra.upload(name, asked[name][-1])
                done[name] = _told(orchestra, name, len(keys), len(asked[name]) - len(keys)) | {
                    "rows": sum(run.rows.values()),
                    "seconds": round(run.seconds, 1),
                    "ok": run.ok,
                    **({"failures": dict(run.failures)} if run.failures else {}),
                }
    return {"ok": all(each["ok"] for each in done.values()), "feature_sets": done}


def _shown(journey: Steps, tell: Tell) -> OnChunk:
    from bighead.pipeline_lib.features.batch_grain import grain_of, key_of

    rows = 0

    def on_chunk(_: str, done: Any) -> None:
        nonlocal rows
        rows += done.rows
        tell(f"{done.days} of {grain_of(done.last).count(done.whole)} to {key_of(done.last)}, {rows:,} rows")
        journey.within(done.days / done.whole)

    return on_chunk


def _told(orchestra: Orchestra, name: str, computed: int, kept: int) -> dict[str, Any]:
    """Return how many days were computed and kept, and of how many nobody knows what they were computed from."""
    stored = orchestra.offline().stored_days(name, orchestra.grain(name))
    unknown = sum(each.definition is None for each in stored.values())
    told = {"computed": computed, "kept": kept}
    return told | (
        {"of_unknown_definition": unknown, "cure": "--force computes them again"} if unknown else {}
    )
