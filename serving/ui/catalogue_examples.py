"""What a reader copies from the catalogue's pages: Python for a notebook, curl for a shell."""

from __future__ import annotations

from datetime import UTC, datetime

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.published import Published
from bighead.pipeline_lib.profiles.profile import Profile


def python_example(
    feature_set: FeatureSet,
    project: Published | None,
    seen: Profile,
    newest: datetime | None,
    feature: str = "",
) -> str:
    """Return Python that computes the set's features for a key that occurs, as of the newest row."""
    where = repr(project.root) if project else '"path/to/project"'
    at = (newest or datetime(2026, 1, 1, tzinfo=UTC)).strftime("%Y-%m-%dT%H:%MZ")
    keys = ", ".join(f'"{key}": [{_value(seen, key)}]' for key in feature_set.keys)
    asked = [f"    keys=pl.DataFrame({{{keys}}}),"] if keys else []
    wanted = f'["{feature}"]' if feature else ""
    use = (
        f"{feature_set.name}:{feature.removeprefix(f'{feature_set.name}_')}" if feature else feature_set.name
    )
    lines = [
        *(["import polars as pl"] if keys else []),
        "from bighead.pipeline_lib.project import Project",
        "",
        f"project = Project.load({where})",
        f'{feature_set.name} = project.feature_sets["{feature_set.name}"]',
        f"{feature_set.name}.preview(",
        f'    at="{at}",',
        *asked,
        f"){wanted}",
        "",
        f'# in a training set: features=["{use}"]',
    ]
    return "\n".join(lines)


def curl_example(url: str, feature_set: FeatureSet) -> str:
    """Return curl commands: the set's definition and statistics, and where it has one, an event for its stream."""
    told = f"curl -s {url}/v1/features/{feature_set.name}"
    return f"{told}\ncurl -s '{url}/v1/features?q=set:{feature_set.name}'"


def _value(seen: Profile, key: str) -> str:
    column = seen.columns.get(key)
    top = column.top.largest(1) if column else []
    if column is None or not top:
        return "None"
    return top[0][0] if column.kind == "number" else repr(top[0][0])
