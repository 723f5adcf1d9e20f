"""A backfill's commits, told while its run goes on: to the run's log, and to whoever launched it in this process.

Dagster hands an asset's own events on only when its body has returned, so what a bar needs takes this way.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import dagster as dg

from bighead.pipeline_lib.features.batch_grain import grain_of, key_of
from bighead.pipeline_lib.point_in_time.backfill import Committed

OnChunk = Callable[[str, Committed], None]

_listening: ContextVar[OnChunk | None] = ContextVar("bighead_on_chunk", default=None)


@contextmanager
def chunks_told_to(listener: OnChunk | None) -> Iterator[None]:
    """Tell `listener` of each commit of the backfills that run in this context: the set's name, and how far."""
    token = _listening.set(listener)
    try:
        yield
    finally:
        _listening.reset(token)


def chunk_teller(context: dg.AssetExecutionContext, name: str) -> Callable[[Committed], None]:
    """Return what a backfill of the set `name` calls after each commit."""

    def tell(done: Committed) -> None:
        context.log.info(
            f"{key_of(done.first)} to {key_of(done.last)}: {done.rows:,} rows;"
            f" {done.days} of {grain_of(done.last).count(done.whole)} are committed"
        )
        listener = _listening.get()
        if listener is not None:
            listener(name, done)

    return tell
