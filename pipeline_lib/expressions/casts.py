"""What `CAST(x AS type)` computes, for each pair of kinds: null wherever a value does not fit."""

from __future__ import annotations

from bighead.pipeline_lib.expressions.kinds import (
    BOOL,
    DATE,
    FLOAT,
    INSTANT,
    INT,
    TEXT,
    TIMESTAMP,
    Kind,
)

# (from, to): the primitive, and what is lost.
CASTS: dict[tuple[Kind, Kind], tuple[str, str]] = {
    (BOOL, INT): ("bool_to_int", "1 and 0"),
    (BOOL, FLOAT): ("bool_to_float", "1.0 and 0.0"),
    (BOOL, TEXT): ("bool_to_text", "`true` and `false`"),
    (INT, BOOL): ("int_to_bool", "whether it is not 0"),
    (INT, FLOAT): ("int_to_float", "the nearest float"),
    (INT, TEXT): ("int_to_text", ""),
    (FLOAT, TEXT): ("float_to_text", "the fewest digits that read back as it, as `5.0` and `1e16`"),
    (FLOAT, INT): ("float_to_int", "cut off towards 0; null for NaN and beyond 64 bits"),
    (TEXT, BOOL): ("text_to_bool", "`true` or `false` in any case, else null"),
    (TEXT, INT): ("text_to_int", "digits with a sign or none, else null"),
    (TEXT, FLOAT): (
        "text_to_float",
        "digits with a point or exponent or none, else null; null beyond 64 bits",
    ),
    (TEXT, DATE): ("text_to_date", "`2013-01-31`, else null"),
    (TEXT, TIMESTAMP): ("text_to_timestamp", "`2013-01-31`, with ` 10:00[:00[.000000]]` or `T…`, else null"),
    (TEXT, INSTANT): ("text_to_instant", "the same with `Z` or an offset as `+01:00`, else null"),
    (DATE, TEXT): ("date_to_text", "`2013-01-31`"),
    (DATE, TIMESTAMP): ("date_to_timestamp", "its midnight"),
    (TIMESTAMP, DATE): ("timestamp_to_date", "its day"),
    (TIMESTAMP, INSTANT): ("same_time", "as UTC; other zones by `AT TIME ZONE`"),
    (INSTANT, TIMESTAMP): ("same_time", "in UTC; other zones by `AT TIME ZONE`"),
    (INSTANT, DATE): ("timestamp_to_date", "its day in UTC"),
}
