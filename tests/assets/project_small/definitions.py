"""What Dagster loads."""

from pathlib import Path

from bighead.definitions import project_definitions

defs = project_definitions(Path(__file__).parent)
