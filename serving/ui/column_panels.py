"""A column's stored profile in words and pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.batch_grain import grain_of_key
from bighead.pipeline_lib.features.care import pii_inputs
from bighead.pipeline_lib.profiles.column import ColumnProfile, without_values
from bighead.pipeline_lib.profiles.profile import Profile
from bighead.serving.ui.catalogue_contexts import ColumnPanel, Said
from bighead.serving.ui.charts import Chart
from bighead.serving.ui.profile_charts import commonest, distribution, over_days, shown

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_TIMES = {
    "event_time": "when it happened",
    "available_at": "when it could be known",
    "available_to": "from when on it no longer counts",
    "event_id": "event id",
}


def column_panel(
    name: str,
    column: ColumnProfile,
    doc: str,
    role: str = "",
    nulls: Chart | None = None,
    *,
    unit: str = "",
    pii: bool = False,
) -> ColumnPanel:
    """Return what is shown of a column: numbers and times as a distribution, all else by its commonest values.

    Of what is pii there is only how many values it has.
    """
    column = without_values(column) if pii else column
    chart = distribution(name, column)
    unique = column.distinct.estimate >= column.present * 0.9 and column.present > 20
    bars = () if chart or unique or pii else commonest(column)
    return ColumnPanel(
        name, role, dtype_words(column.dtype), doc, facts_of(column), chart, bars, nulls, unit, pii
    )


def hidden_profile(feature_set: FeatureSet, profile: Profile, withheld: str) -> Profile:
    """Return a profile without the columns of which an example may show no value."""
    hidden = pii_inputs(feature_set)
    shown = {} if withheld else profile.columns
    return Profile(profile.rows, {name: each for name, each in shown.items() if name not in hidden})


def dtype_words(dtype: str) -> str:
    """Return a type without the parts that say nothing here.

    >>> dtype_words("Datetime(time_unit='us', time_zone='UTC')")
    'Datetime UTC'
    """
    return re.sub(r"\(time_unit='\w+', time_zone='?(\w+)'?\)", r" \1", dtype).replace(" None", "")


def facts_of(column: ColumnProfile) -> tuple[Said, ...]:
    """Return a profile's numbers in words, those that say nothing left out."""
    about = "" if column.distinct.exact else "about "
    told = [
        ("null", f"{column.nulls:,} of {column.count:,} ({column.null_share:.2%})"),
        ("distinct", f"{about}{column.distinct.estimate:,}"),
    ]
    bad = [
        (f"{count:,} {word}" if count else "")
        for count, word in ((column.nans, "NaN"), (column.infinities, "infinite"))
    ]
    told += [("not finite", ", ".join(each for each in bad if each))] if any(bad) else []
    is_time = column.kind == "time"
    if column.minimum is not None:
        told.append(("range", f"{shown(column.minimum, is_time)} … {shown(column.maximum, is_time)}"))
    moments = column.moments
    if moments.n:
        told.append(("mean ± deviation", f"{shown(moments.mean)} ± {shown(moments.stddev)}"))
    if moments.skew is not None:
        told.append(("skew, kurtosis", f"{shown(moments.skew)}, {shown(moments.kurtosis)}"))
    if column.kind == "number":
        values = " · ".join(shown(column.quantiles.quantile(q)) for q in _QUANTILES)
        told.append(("5 · 25 · 50 · 75 · 95 %", values))
    return tuple(Said(name, value) for name, value in told)


def stored_roles(feature_set: FeatureSet) -> dict[str, tuple[str, str]]:
    """Return of each stored column its role, and what it means."""
    roles = {name: ("time" if name != "event_id" else "id", doc) for name, doc in _TIMES.items()}
    inputs = {name: ("input", feature_set.docs.get(name, "")) for name in feature_set.inputs}
    return {**inputs, **roles, **{key: ("key", feature_set.docs.get(key, "")) for key in feature_set.keys}}


def null_chart(days: Mapping[str, Profile], column: str, caption: str) -> Chart | None:
    """Return the share of nulls of a column over partitions."""
    known = {day: each.columns[column] for day, each in days.items() if column in each.columns}
    points = [(day, each.null_share * 100) for day, each in known.items() if each.count]
    titles = [f"{day}: {share:.2f} % null" for day, share in points]
    return over_days(f"Null share of {column}", caption, "% null", points, titles)


def null_shares(days: Mapping[str, Profile], columns: tuple[str, ...]) -> Chart | None:
    """Return the greatest share of nulls among a set's inputs, day by day."""
    points, titles = [], []
    for day, profile in days.items():
        shares = {name: profile.columns[name].null_share for name in columns if name in profile.columns}
        if profile.rows and shares:
            worst = max(shares, key=lambda name: shares[name])
            points.append((day, shares[worst] * 100))
            titles.append(f"{day}: {shares[worst]:.2%} of {worst}")
    caption = "Of the input that lacks most; the title of a point names it."
    return over_days("Null share", caption, "% null", points, titles)


def volumes(days: Mapping[str, Profile]) -> Chart | None:
    """Return the rows of each day."""
    points = [(day, float(profile.rows)) for day, profile in days.items()]
    titles = [f"{day}: {rows:,.0f} rows" for day, rows in points]
    noun = grain_of_key(points[0][0]).noun if points else "day"
    return over_days("Rows", f"How many rows each {noun} has.", "rows", points, titles)
