"""ParseDatetime: texts read as times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.features.zone import check_zone
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer, column, text


@dataclass(eq=False)
class ParseDatetime(ExpressedTransformer):
    """Read texts as instants: by a format with `%z`, or as what the clocks of a zone show.

    A text of another form, and a local time that the clocks show twice or never, become missing.
    The reference is Python's datetime.strptime.

    Args:
        format: Of %Y %m %d %H %M %S %f %F %T, and %z for the offset.
        zone: Whose clocks are read, where the format has no %z.

    >>> import polars as pl
    >>> step = ParseDatetime("%d.%m.%Y %H:%M", zone="Europe/Paris")
    >>> str(step.transform(pl.DataFrame({"at": ["04.07.2013 09:00"]}))["at"][0])
    '2013-07-04 07:00:00+00:00'

    Raises:
        DefinitionError: a zone that there is not; at fit, a format that is none.
    """

    takes = frozenset({"string"})
    cure = "Give texts; numbers become times by SQLTransformer and to_timestamp."
    format: str = "%Y-%m-%d %H:%M:%S"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_zone(self.zone)

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Read each text."""
        how = text(self.format) if "%z" in self.format else f"{text(self.format)}, {text(self.zone)}"
        return {name: f"to_timestamp({column(name)}, {how})" for name in inputs}
