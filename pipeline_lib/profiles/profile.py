"""What is known of all columns of a partition: made while backfilling, merged over any range on reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import polars as pl

from bighead.pipeline_lib.profiles.column import ColumnProfile, merge_columns
from bighead.pipeline_lib.profiles.distinct import Distinct
from bighead.pipeline_lib.profiles.moments import Moments
from bighead.pipeline_lib.profiles.quantiles import Quantiles
from bighead.pipeline_lib.profiles.top_values import TopValues


@dataclass(frozen=True)
class Profile:
    """The number of rows, and a profile of each column, by name.

    >>> one = Profile.of(pl.DataFrame({"price": [1.0, None]}))
    >>> both = merge_profiles([one, one])
    >>> both.rows, both.columns["price"].nulls
    (4, 2)
    """

    rows: int = 0
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Profile:
        """Return the profile of a frame's rows."""
        return cls(frame.height, {name: ColumnProfile.of(frame[name]) for name in frame.columns})

    def to_plain(self) -> dict[str, Any]:
        """Return it as dicts, lists, numbers, texts and bytes, which MessagePack stores."""
        return {"rows": self.rows, "columns": {name: each.to_plain() for name, each in self.columns.items()}}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Profile:
        """Read what `to_plain` gave.

        Raises:
            KeyError, TypeError: it is something else.
        """
        return cls(plain["rows"], {name: _column(each) for name, each in plain["columns"].items()})


def merge_profiles(profiles: Iterable[Profile]) -> Profile:
    """Return the profile of the rows of all; a column that some lack counts the rows of those that have it."""
    listed = list(profiles)
    names = dict.fromkeys(name for each in listed for name in each.columns)
    merged = {name: merge_columns([p.columns[name] for p in listed if name in p.columns]) for name in names}
    return Profile(sum(each.rows for each in listed), merged)


_PARTS = {"distinct": Distinct, "moments": Moments, "top": TopValues}


def _column(plain: Mapping[str, Any]) -> ColumnProfile:
    given = {each.name: plain[each.name] for each in fields(ColumnProfile)}
    parts = {name: cls(**given[name]) for name, cls in _PARTS.items()}
    kept = given["quantiles"]
    quantiles = Quantiles(tuple(kept["levels"]), tuple(kept["turns"]), kept["error"])
    return ColumnProfile(**{**given, **parts, "quantiles": quantiles})
