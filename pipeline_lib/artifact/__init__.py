"""Step 5 of 9, register: bundles without pickle, named by the hash of what they do."""

from __future__ import annotations

from bighead.pipeline_lib.artifact.derived_inputs import DerivedInputs
from bighead.pipeline_lib.artifact.input_column import InputColumn
from bighead.pipeline_lib.artifact.inputs import derived_inputs, input_columns
from bighead.pipeline_lib.artifact.loading import LoadedArtifact, load
from bighead.pipeline_lib.artifact.manifest import Manifest
from bighead.pipeline_lib.artifact.packing import pack, unpack
from bighead.pipeline_lib.artifact.saving import save
from bighead.pipeline_lib.artifact.step_names import register_step
from bighead.pipeline_lib.foreign_code import allow_code

__all__ = [
    "DerivedInputs",
    "InputColumn",
    "LoadedArtifact",
    "Manifest",
    "allow_code",
    "derived_inputs",
    "input_columns",
    "load",
    "pack",
    "register_step",
    "save",
    "unpack",
]
