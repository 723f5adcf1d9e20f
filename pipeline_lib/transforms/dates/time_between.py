"""TimeBetween: how long it is from one time of a row to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer, column
from bighead.pipeline_lib.transforms.dates.units import SECONDS, check_unit


@dataclass(eq=False)
class TimeBetween(ExpressedTransformer):
    """Answer how long it is from one time to another: `p[["booked", "checkin"]] >>= TimeBetween("lead")`.

    With fractions; negative where the second is earlier; missing where one of them is.
    The reference is subtraction of Python's datetimes.

    Args:
        name: Of the new column.
        unit: millisecond, second, minute, hour, day or week.

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"a": [datetime(2013, 1, 1)], "b": [datetime(2013, 1, 2, 12)]})
    >>> TimeBetween("lead").transform(times.cast(pl.Datetime("us", "UTC"))).to_dicts()
    [{'lead': 1.5}]

    Raises:
        DefinitionError: a unit that there is not.
        DataError: other than two columns.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    name: str = "time_between"
    unit: str = "day"

    def __post_init__(self) -> None:
        check_unit(self.unit)

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Subtract and divide."""
        first, second = two_columns(type(self).__name__, inputs)
        return {self.name: f"epoch({second} - {first}) / {SECONDS[self.unit]!r}"}


def two_columns(step: str, inputs: Sequence[str]) -> tuple[str, str]:
    """Return two columns in SQL.

    Raises:
        DataError: there are more or fewer.
    """
    if len(inputs) != 2:
        raise DataError(f"{step} is given {len(inputs)} columns.", cure="Expected two: p[['a', 'b']].")
    return column(inputs[0]), column(inputs[1])
