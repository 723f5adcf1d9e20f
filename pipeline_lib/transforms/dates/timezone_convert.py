"""TimezoneConvert: times as the clocks of a zone show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.zone import check_zone
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer, column, text


@dataclass(eq=False)
class TimezoneConvert(ExpressedTransformer):
    """Answer each instant as what the clocks of a zone show then, or read such local times as instants.

    A local time is kept as an instant of the same digits. Local times that a zone's clocks show twice or never become
    missing. The reference is Polars' `dt.convert_time_zone` and `dt.replace_time_zone`.

    Args:
        zone: A zone of the IANA database.
        to: "local" or "instant".

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"at": [datetime(2013, 7, 1)]}).cast(pl.Datetime("us", "UTC"))
    >>> TimezoneConvert("Europe/Paris").transform(times)["at"][0].hour
    2

    Raises:
        DefinitionError: a zone that there is not, or another word for `to`.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    zone: str = "UTC"
    to: str = "local"

    def __post_init__(self) -> None:
        check_zone(self.zone)
        if self.to not in ("local", "instant"):
            raise DefinitionError(f"to={self.to!r}.", cure="Expected 'local' or 'instant'.")

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Convert each time."""
        zone = text(self.zone)
        if self.to == "local":
            return {name: f"{column(name)} AT TIME ZONE {zone}" for name in inputs}
        return {name: f"({column(name)} AT TIME ZONE 'UTC') AT TIME ZONE {zone}" for name in inputs}
