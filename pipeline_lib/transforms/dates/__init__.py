"""Step 4 of 9, fit: times as numbers, parts and waves."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.dates.business_days import BusinessDays
from bighead.pipeline_lib.transforms.dates.cyclical_time import CyclicalTime
from bighead.pipeline_lib.transforms.dates.date_trunc import DateTrunc
from bighead.pipeline_lib.transforms.dates.datetime_parts import DatetimeParts
from bighead.pipeline_lib.transforms.dates.fourier_features import FourierFeatures
from bighead.pipeline_lib.transforms.dates.is_holiday import IsHoliday
from bighead.pipeline_lib.transforms.dates.is_weekend import IsWeekend
from bighead.pipeline_lib.transforms.dates.parse_datetime import ParseDatetime
from bighead.pipeline_lib.transforms.dates.time_between import TimeBetween
from bighead.pipeline_lib.transforms.dates.time_since import TimeSince
from bighead.pipeline_lib.transforms.dates.timezone_convert import TimezoneConvert

TRANSFORMS: tuple[type[Transformer], ...] = (
    BusinessDays,
    CyclicalTime,
    DateTrunc,
    DatetimeParts,
    FourierFeatures,
    IsHoliday,
    IsWeekend,
    ParseDatetime,
    TimeBetween,
    TimeSince,
    TimezoneConvert,
)

__all__ = [
    "TRANSFORMS",
    "BusinessDays",
    "CyclicalTime",
    "DateTrunc",
    "DatetimeParts",
    "FourierFeatures",
    "IsHoliday",
    "IsWeekend",
    "ParseDatetime",
    "TimeBetween",
    "TimeSince",
    "TimezoneConvert",
]
