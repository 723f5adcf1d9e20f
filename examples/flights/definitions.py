"""What Dagster loads: everything that this folder defines."""

from pathlib import Path

from bighead.definitions import project_definitions

defs = project_definitions(Path(__file__).parent)
