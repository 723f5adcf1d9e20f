"""Step 5 of 9, register: bundles without pickle, named by the hash of what they do."""

from __future__ import annotations

from bighead.pipeline_lib.artifact.inputs import input_columns
from bighead.pipeline_lib.artifact.loading import LoadedArtifact, load
from bighead.pipeline_lib.artifact.manifest import InputColumn, Manifest
from bighead.pipeline_lib.artifact.saving import save

__all__ = ["InputColumn", "LoadedArtifact", "Manifest", "input_columns", "load", "save"]
