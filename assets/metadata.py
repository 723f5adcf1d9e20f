"""What people see on an asset: owners, tags, column schemas and lineage, in Dagster's own words."""

import re
from collections.abc import Mapping, Sequence

import dagster as dg
import polars as pl

from bighead.assets import keys
from bighead.pipeline_lib.features import FeatureSet, TrainingSet

# A tag of assets whose body handles several partitions, whatever their backfill policy is.
TAKES_RANGES = "bighead/takes_ranges"


def owners(*names: str) -> list[str]:
    """Return owners as Dagster takes them: e-mail addresses and `team:x`; a bare name is a team's.

    >>> owners("team:homes", "bighead", "")
    ['team:homes', 'team:bighead']
    """
    spelt = [
        name if "@" in name or name.startswith("team:") else f"team:{_word(name)}" for name in names if name
    ]
    return list(dict.fromkeys(spelt))


def tags(step: str, words: Sequence[str] = ()) -> dict[str, str]:
    """Return the asset tags: the step of the data's way, and the user's free words without a value."""
    return {"bighead/step": step, **{_word(word): "" for word in words}}


def column_schema(schema: Mapping[str, pl.DataType], docs: Mapping[str, str] | None = None) -> dg.TableSchema:
    """Return columns with their types and what they mean."""
    said = docs or {}
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name, type=str(dtype), description=said.get(name))
            for name, dtype in schema.items()
        ]
    )


def described(feature_set: FeatureSet) -> str:
    """Return a set's features as a Markdown table."""
    head = f"Keys: {', '.join(feature_set.keys) or 'none'}.\n\n| feature | what | window | meaning |"
    cells = [
        (f"`{f.name}`", f.what.replace("|", "\\|"), f.window.text if f.window else "–", f.doc)
        for f in feature_set.features
    ]
    rows = [f"| {' | '.join(each)} |" for each in cells]
    return "\n".join([head, "|---|---|---|---|", *rows])


def set_docs(feature_set: FeatureSet) -> dict[str, str]:
    """Return what each stored column of a set means."""
    times = {
        "event_time": "when it happened",
        "available_at": "when it could be known",
        "available_to": "from when on it no longer counts; null is for ever",
        "event_id": "tells events apart",
    }
    return {**times, **{key: "key" for key in feature_set.keys}, **feature_set.docs}


def training_docs(training_set: TrainingSet) -> dict[str, str]:
    """Return what each column of a training set means."""
    docs = {ref.output(f): f.doc for ref in training_set.refs for f in ref.features if f.doc}
    docs |= {each.name: each.doc for each in training_set.declared.values() if each.doc}
    docs |= {name: f"derived: {sql}" for name, sql in training_set.derivations.items()}
    label = training_set.label
    said = {training_set.label.column: f"label, decided {label.horizon} after the question"}
    return {**docs, **said, training_set.timestamp: "the question's time t", training_set.row_id: "row id"}


def training_lineage(training_set: TrainingSet) -> dg.TableColumnLineage:
    """Return which columns of which feature sets and tables make each column of a training set."""
    left = keys.table(training_set.left.table)
    own = [
        *training_set.input_names,
        *training_set.key_columns,
        training_set.timestamp,
        training_set.label.column,
    ]
    deps = {column: [dg.TableColumnDep(asset_key=left, column_name=column)] for column in own}
    for ref in training_set.refs:
        if not ref.set.source.tables:
            continue
        for feature in ref.features:
            deps[ref.output(feature)] = [
                dg.TableColumnDep(asset_key=keys.features(ref.set.name), column_name=column)
                for column in feature.columns
            ]
    for derived in training_set.derived:
        read = [dep for root in derived.roots for dep in deps.get(root, [])]
        deps[derived.name] = list(dict.fromkeys(read))
    return dg.TableColumnLineage(deps_by_column=deps)


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("_.-") or "unnamed"
