"""Times to draw: at changes of clocks, before 1970, leap days, the last microsecond of a year.

From 1900 to 2099: beyond, the kernel's table of zones, as Polars', knows no summer time.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
from hypothesis import strategies as st

BOUNDARIES = [
    datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1900, 2, 28, 12, tzinfo=UTC),
    datetime(2012, 2, 29, 23, 30, tzinfo=UTC),
    datetime(2012, 12, 31, 23, 59, 59, 999999, UTC),
    # Clocks of Paris and New York go forth and back.
    datetime(2013, 3, 31, 1, tzinfo=UTC),
    datetime(2013, 10, 27, 0, 30, tzinfo=UTC),
    datetime(2013, 10, 27, 1, 30, tzinfo=UTC),
    datetime(2013, 11, 3, 5, 30, tzinfo=UTC),
    datetime(2013, 11, 3, 6, 30, tzinfo=UTC),
    datetime(2099, 12, 31, 22, tzinfo=UTC),
]
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
TIMES = (
    st.none()
    | st.sampled_from(BOUNDARIES)
    | st.datetimes(datetime(1900, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))
)
INSTANT = pl.Datetime("us", "UTC")


def times_of(**columns: list[datetime | None]) -> pl.DataFrame:
    """Return columns of instants."""
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, INSTANT))
