"""The manifest of a bundle: what it is, what it needs, and the hash of every file in it.

`content_hash` names what the artifact *does*: the hashes of graph, state and plan, and the schema. Equal training
gives an equal content hash; times, provenance and evaluation are not in it. `seal` is the hash of the manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bighead.pipeline_lib.artifact.derived_inputs import DerivedInputs
from bighead.pipeline_lib.artifact.input_column import InputColumn
from bighead.pipeline_lib.errors import ArtifactError, DefinitionError, TamperedArtifactError

FORMAT = 1
# Files that decide what the artifact answers.
CONTENT = ("graph.json", "plan.json", "state/")


@dataclass(frozen=True)
class FileEntry:
    """A file's SHA-256 and its size in bytes."""

    sha256: str
    size: int

    @classmethod
    def of(cls, content: bytes) -> FileEntry:
        """Return the entry of some bytes."""
        return cls(hashlib.sha256(content).hexdigest(), len(content))


@dataclass(frozen=True)
class PlanNote:
    """Whether the pipeline runs natively, why not, and over how many rows both ways were proven equal."""

    lowered: bool
    reason: str = ""
    parity_rows: int = 0
    largest_difference: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a bundle says about itself; see the module for what `content_hash` covers."""

    model: str
    content_hash: str
    created_at: datetime
    data_interval: tuple[datetime, datetime] | None
    inputs: tuple[InputColumn, ...]
    outputs: tuple[str, ...]
    key_columns: tuple[str, ...]
    feature_sets_json: str
    provenance: Mapping[str, Any]
    files: Mapping[str, FileEntry]
    plan: PlanNote
    metrics: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT
    derived: DerivedInputs | None = None

    def hashed(self) -> str:
        """Return the content hash that the listed files and the schema give."""
        content = {name: entry.sha256 for name, entry in self.files.items() if name.startswith(CONTENT)}
        schema = {
            "inputs": [asdict(column) for column in self.inputs],
            "outputs": list(self.outputs),
            "key_columns": list(self.key_columns),
            "feature_sets": json.loads(self.feature_sets_json),
            **self._derived(),
        }
        return hashlib.sha256(canonical({"content": content, "schema": schema})).hexdigest()

    def _derived(self) -> dict[str, Any]:
        # Bundles without any stay as they were before there were derivations, and so do their hashes.
        return {} if self.derived is None else {"derived": self.derived.to_plain()}

    def to_json(self) -> bytes:
        """Return the manifest as JSON, sealed; `feature_sets` repeats the sets for readers without Bighead."""
        start_end = self.data_interval and [when.isoformat() for when in self.data_interval]
        plain = {
            "format": self.format,
            "model": self.model,
            "content_hash": self.content_hash,
            "created_at": self.created_at.isoformat(),
            "data_interval": start_end,
            "inputs": [asdict(column) for column in self.inputs],
            "outputs": list(self.outputs),
            "key_columns": list(self.key_columns),
            "feature_sets_json": self.feature_sets_json,
            "feature_sets": _sets(self.feature_sets_json),
            "provenance": dict(self.provenance),
            "metrics": dict(self.metrics),
            "files": {name: asdict(entry) for name, entry in sorted(self.files.items())},
            "plan": asdict(self.plan),
            **self._derived(),
        }
        try:
            seal = hashlib.sha256(canonical(plain)).hexdigest()
        except (TypeError, ValueError) as error:
            raise ArtifactError(
                f"the manifest cannot be JSON: {error}.",
                cure="Give provenance as strings, numbers and lists.",
            ) from error
        return json.dumps({**plain, "seal": seal}, indent=1, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Read a manifest and check its seal and its content hash.

        Raises:
            ArtifactError: another format.
            TamperedArtifactError: it is not what was written.
        """
        try:
            plain = json.loads(text)
            seal = plain.pop("seal")
            version = plain["format"]
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise TamperedArtifactError("manifest.json is no manifest.", cure=RESTORE) from error
        if version != FORMAT:
            raise ArtifactError(
                f"the bundle has format {version!r}, this Bighead reads {FORMAT}.",
                cure="Train again, or update.",
            )
        if hashlib.sha256(canonical(plain)).hexdigest() != seal:
            raise TamperedArtifactError("manifest.json was changed after it was written.", cure=RESTORE)
        manifest = _read(plain)
        if manifest.hashed() != manifest.content_hash:
            raise TamperedArtifactError("content_hash is not the hash of what is listed.", cure=RESTORE)
        return manifest

    def sealed(self) -> Manifest:
        """Return the manifest with the content hash it must have."""
        return replace(self, content_hash=self.hashed())


RESTORE = "Restore the bundle that was registered, or train again."


def canonical(plain: Any) -> bytes:
    """Return JSON values as bytes that are equal where the values are.

    >>> canonical({"b": 1, "a": [None, 0.5]})
    b'{"a":[null,0.5],"b":1}'
    """
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def _read(plain: dict[str, Any]) -> Manifest:
    try:
        span = plain["data_interval"]
        return Manifest(
            model=plain["model"],
            content_hash=plain["content_hash"],
            created_at=datetime.fromisoformat(plain["created_at"]),
            data_interval=span and (utc(span[0]), utc(span[1])),
            inputs=tuple(InputColumn(**column) for column in plain["inputs"]),
            outputs=tuple(plain["outputs"]),
            key_columns=tuple(plain["key_columns"]),
            feature_sets_json=plain["feature_sets_json"],
            provenance=plain["provenance"],
            files={name: FileEntry(**entry) for name, entry in plain["files"].items()},
            plan=PlanNote(**plain["plan"]),
            metrics=plain["metrics"],
            derived=DerivedInputs.from_plain(plain["derived"]) if "derived" in plain else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, DefinitionError) as error:
        raise TamperedArtifactError(f"manifest.json lacks or garbles {error}.", cure=RESTORE) from error


def utc(when: datetime | str) -> datetime:
    """Return an aware time in UTC; text is ISO.

    Raises:
        ArtifactError: a naive time.
    """
    parsed = datetime.fromisoformat(when) if isinstance(when, str) else when
    if parsed.tzinfo is None:
        raise ArtifactError(f"{parsed} has no time zone.", cure="Give it one, as tzinfo=UTC.")
    return parsed.astimezone(UTC)


def _sets(feature_sets_json: str) -> list[Any]:
    """Return the plain feature sets, those inside uses of sets included, each once."""
    listed = json.loads(feature_sets_json)
    plain = [json.loads(each) if isinstance(each, str) else each for each in listed]
    sets = [each.get("set", each) if each.get("kind") == "FeatureRef" else each for each in plain]
    return [each for place, each in enumerate(sets) if each not in sets[:place]]
