"""Errors of the platform as Dagster failures: what cannot heal by itself is not tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from bighead.pipeline_lib.errors import BigheadError, StoreError

# A store may be busy; everything else that we raise on purpose would fail the same way again.
STORE_RETRIES = dg.RetryPolicy(max_retries=2, delay=1.0, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a BigheadError into a `dg.Failure` that says the cure, retried only where a store was at fault.

    Raises:
        Failure: in place of the BigheadError.
    """
    try:
        yield
    except BigheadError as error:
        raise dg.Failure(
            description=error.message if error.cure is None else f"{error.message} {error.cure}",
            metadata={"error": type(error).__name__, "cure": error.cure or "–"},
            allow_retries=isinstance(error, StoreError),
        ) from error
