"""Who may read and write a feature set, what its numbers are measured in, and which of its columns tell of persons.

None of it decides a value, so that it is no part of a definition's hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bighead.pipeline_lib.errors import DefinitionError, ForbiddenError, UnknownNameError

if TYPE_CHECKING:
    import polars as pl

    from bighead.pipeline_lib.features.feature import Feature
    from bighead.pipeline_lib.features.feature_ref import FeatureRef
    from bighead.pipeline_lib.features.feature_set import FeatureSet

MASK = "***"
# They say how many or when, and nothing of the values themselves.
_TELLS_NOTHING = (
    *("count", "unique_count", "approx_unique_count", "bounded_unique_count"),
    *("rate", "time_since_first", "time_since_last"),
)


def team_of(owner: str) -> str:
    """Return the team that an owner names; a person is a team of one.

    >>> team_of("team:homes"), team_of("ana")
    ('homes', 'ana')
    """
    return owner.removeprefix("team:")


def check_care(feature_set: FeatureSet) -> None:
    """Check readers, writers, units and pii, and that the set may read what it is built on.

    Raises:
        DefinitionError: a unit that is no text.
        UnknownNameError: a unit or pii of a column that the set does not have.
        ForbiddenError: it is built on a set that its owner may not read.
    """
    name = feature_set.name
    inputs = {*feature_set.inputs, *feature_set.source_inputs, *feature_set.derivations}
    for column, unit in feature_set.units.items():
        if column not in inputs:
            raise UnknownNameError(f"input column of {name!r} (in units)", column, inputs)
        if not isinstance(unit, str) or not unit:
            raise DefinitionError(f"the unit of {name}.{column} is {unit!r}.", cure="Expected 'km', say.")
    identity = getattr(feature_set.source, "event_id", None)
    known = {
        *feature_set.keys,
        *feature_set.inputs,
        *feature_set.source_inputs,
        *([identity] if identity else []),
    }
    if not known.issuperset(feature_set.pii):
        known |= {column for columns in _made(feature_set).values() for column in columns}
    for column in feature_set.pii:
        if column not in known:
            raise UnknownNameError(f"column of {name!r} (in pii)", column, known)
    refs: Sequence[FeatureRef] = getattr(feature_set.source, "refs", ())
    check_readable(f"the feature set {name!r}", feature_set.owner, [ref.set for ref in refs])


def may(feature_set: FeatureSet, teams: Sequence[str], to: str) -> bool:
    """Return whether one of the teams is named by `readers` or `writers`; without names anyone may.

    The owner's team may do both, and who writes may read.
    """
    named = feature_set.readers if to == "read" else feature_set.writers
    if not named:
        return True
    allowed = {team_of(each) for each in (*named, feature_set.owner)}
    allowed |= {team_of(each) for each in feature_set.writers}
    return bool(allowed & {team_of(each) for each in teams})


def check_readable(what: str, owner: str, sets: Sequence[FeatureSet]) -> None:
    """Check that whoever owns something may read the feature sets that it is made of.

    Raises:
        ForbiddenError: names the set and who may read it.
    """
    for each in sets:
        if not may(each, [owner], "read"):
            raise ForbiddenError(
                f"{what} of {owner or 'nobody'!r} reads the feature set {each.name!r}, which is for "
                f"{', '.join(each.readers)}.",
                cure=f"Ask {each.owner} to add {owner!r} to its readers.",
            )


def pii_inputs(feature_set: FeatureSet) -> frozenset[str]:
    """Return the columns of the cleaned rows that tell of persons: as declared, or made of such."""
    refs: Sequence[FeatureRef] = getattr(feature_set.source, "refs", ())
    built = {ref.output(f) for ref in refs for f in ref.features if f.name in pii_features(ref.set)}
    found = {*feature_set.pii, *built}
    made = _made(feature_set) if found else {}
    while more := {name for name, columns in made.items() if columns & found} - found:
        found |= more
    identity = getattr(feature_set.source, "event_id", None)
    return frozenset({*found, *(["event_id"] if identity in found and identity else [])})


def _made(feature_set: FeatureSet) -> dict[str, set[str]]:
    """The columns that are made of others, by a training set below, by select or by a condition, and those others."""
    # Expressions bring Polars, which a program that only names things does not need.
    from bighead.pipeline_lib.expressions import reads

    source = feature_set.source
    below = getattr(getattr(source, "left", None), "derivations", None)
    selected = getattr(source, "select", None)
    expressions = {**(below or {}), **(selected or {})}
    made = {name: {*reads(sql)} for name, sql in expressions.items()}
    return made | {name: {of} for name, (of, _) in feature_set.filtered.items()}


def pii_features(feature_set: FeatureSet) -> frozenset[str]:
    """Return the features that tell of persons: made of such a column, unless they only count or say when."""
    columns = pii_inputs(feature_set)
    return frozenset(each.name for each in feature_set.features if columns and _tells(each, columns))


def _tells(feature: Feature, columns: frozenset[str]) -> bool:
    if feature.aggregation is None:
        return bool(columns & set(feature.columns))
    if columns & set(feature.aggregation.buckets):
        return True
    return feature.column in columns and feature.operation not in _TELLS_NOTHING


def masked(frame: pl.DataFrame, columns: frozenset[str]) -> pl.DataFrame:
    """Return a frame in which these columns say only whether there is a value.

    >>> import polars as pl
    >>> masked(pl.DataFrame({"email": ["a@b.c", None]}), frozenset({"email"}))["email"].to_list()
    ['***', None]
    """
    import polars as pl

    hidden = [
        pl.when(pl.col(name).is_not_null()).then(pl.lit(MASK)).alias(name)
        for name in frame.columns
        if name in columns
    ]
    return frame.with_columns(hidden) if hidden else frame
