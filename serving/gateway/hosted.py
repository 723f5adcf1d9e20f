"""An artifact that a gateway holds: loaded, proven by its stored example, and counting who is using it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from bighead.pipeline_lib.features import FeatureRef
from bighead.resources.replay import refs_of
from bighead.serving.gateway.derived_columns import DerivedColumns
from bighead.serving.gateway.signature import Column, Signature
from bighead.serving.gateway.wire import Row


class RowPredictor(Protocol):
    """What of a loaded artifact the gateway calls."""

    def predict_rows(self, rows: list[Row]) -> list[dict[str, Any]]:
        """Return a prediction for each row of inputs."""
        ...


class Hosted:
    """One artifact of one model, ready to answer.

    Args:
        model: The model's name.
        number: The artifact's number within it.
        predictor: Gives predictions for whole rows.
        signature: What a request must give.
        inputs: The columns that the predictor reads, in order.
        keys: The request's columns that are keys, for the log.
        refs: The uses of feature sets whose features are fetched.
        derived: Makes the inputs that are derived from features and the request.
    """

    def __init__(
        self,
        model: str,
        number: int,
        predictor: RowPredictor,
        signature: Signature,
        *,
        inputs: Sequence[str],
        keys: Sequence[str] = (),
        refs: Sequence[FeatureRef] = (),
        derived: DerivedColumns | None = None,
    ) -> None:
        self.model, self.number, self.predictor, self.signature = model, number, predictor, signature
        self.inputs, self.keys, self.refs = tuple(inputs), tuple(keys), tuple(refs)
        self.derived = derived
        self._users = 0
        self._lock = threading.Lock()

    @property
    def users(self) -> int:
        """How many requests are being answered from it now."""
        return self._users

    def acquire(self) -> None:
        """Count a request in."""
        with self._lock:
            self._users += 1

    def release(self) -> None:
        """Count a request out."""
        with self._lock:
            self._users -= 1


def load_hosted(model: str, number: int, location: str) -> Hosted:
    """Load the bundle at `location`, and have it reproduce its stored example.

    Raises:
        ArtifactError: it cannot be trusted, or gives another answer than when it was saved.
    """
    from bighead.pipeline_lib.artifact import load

    loaded = load(Path(location))
    loaded.reproduce()
    manifest = loaded.manifest
    refs, derived = refs_of(manifest.feature_sets_json), manifest.derived
    made = {name for name, _ in derived.columns} if derived else set[str]()
    fetched = {column for ref in refs for column in ref.columns()}
    given = [column for column in manifest.inputs if column.name not in fetched | made]
    # What only derivations read must be given as well.
    asked = {column.name for column in given}
    given += [column for column in derived.request if column.name not in asked] if derived else []
    columns = [Column(column.name, column.dtype, column.nullable) for column in given]
    known = {column.name for column in columns}
    # A key that is no model input is still needed to look features up.
    lookups = dict.fromkeys(key for ref in refs for key in ref.key_columns if key not in known)
    keys = [Column(key, "key", True) for key in lookups]
    return Hosted(
        model,
        number,
        loaded,
        Signature([*columns, *keys], fetched, made),
        inputs=[column.name for column in manifest.inputs],
        keys=list(dict.fromkeys([*manifest.key_columns, *lookups])),
        refs=refs,
        derived=DerivedColumns(derived) if derived else None,
    )
