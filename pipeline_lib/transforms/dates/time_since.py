"""TimeSince: how long ago, from a fixed instant, a time is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer, column
from bighead.pipeline_lib.transforms.dates.units import SECONDS, check_unit


@dataclass(eq=False)
class TimeSince(ExpressedTransformer):
    """Answer `<name>_<unit>s` from an instant to each time, with fractions; negative before it.

    Missing stays missing. The reference is subtraction of Python's datetimes.

    Args:
        since: An instant in ISO with its offset.
        unit: millisecond, second, minute, hour, day or week.

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"at": [datetime(1970, 1, 2, 12)]}).cast(pl.Datetime("us", "UTC"))
    >>> TimeSince(unit="day").transform(times).to_dicts()
    [{'at_days': 1.5}]

    Raises:
        DefinitionError: an instant that is none, or lacks its offset; a unit that there is not.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    since: str = "1970-01-01T00:00:00Z"
    unit: str = "day"

    def __post_init__(self) -> None:
        check_unit(self.unit)
        try:
            instant = datetime.fromisoformat(self.since)
        except (ValueError, TypeError) as error:
            raise DefinitionError(
                f"since={self.since!r}.", cure="Expected '2013-01-01T00:00:00Z'."
            ) from error
        if instant.tzinfo is None:
            raise DefinitionError(f"since={self.since!r} has no offset.", cure=f"{self.since}Z is in UTC.")

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Subtract and divide."""
        instant = datetime.fromisoformat(self.since).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {
            f"{name}_{self.unit}s": f"epoch({column(name)} - TIMESTAMPTZ '{instant}') / {SECONDS[self.unit]!r}"
            for name in inputs
        }
