"""Errors of the platform as Dagster failures: what cannot heal by itself is not tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from bighead.pipeline_lib.errors import BigheadError, PromotionError, StoreError

# A store may be busy, a gateway slow; all else that we raise on purpose would fail the same way again.
_MAY_HEAL = (StoreError, PromotionError)
STORE_RETRIES = dg.RetryPolicy(max_retries=2, delay=1.0, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a BigheadError into a `dg.Failure` that says the cure, retried only where it may heal.

    Raises:
        Failure: in place of the BigheadError.
    """
    try:
        yield
    except BigheadError as error:
        raise dg.Failure(
            description=error.message if error.cure is None else f"{error.message} {error.cure}",
            metadata={"error": type(error).__name__, "cure": error.cure or "–"},
            allow_retries=isinstance(error, _MAY_HEAL),
        ) from error
