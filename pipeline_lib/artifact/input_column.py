"""A column that an artifact reads: its type, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.dtypes import SCALARS, polars_type


@dataclass(frozen=True)
class InputColumn:
    """A column that the artifact reads.

    Args:
        name: Its name.
        dtype: float64, int64, bool, string, datetime (UTC) or another word of `pipeline.dtypes`.
        nullable: Whether it may be missing.
        origin: `key`, `context`, `feature:<set>` for what is fetched, or `derived` for what the training set makes
            of these.

    Raises:
        DefinitionError: another dtype or origin.
    """

    name: str
    dtype: str
    nullable: bool = True
    origin: str = "context"

    def __post_init__(self) -> None:
        known = self.origin in ("key", "context", "derived") or self.origin.startswith("feature:")
        try:
            polars_type(self.dtype)
        except ValueError:
            known = False
        if not known:
            raise DefinitionError(
                f"the input {self.name!r} has dtype {self.dtype!r} and origin {self.origin!r}.",
                cure=f"Expected one of {[*SCALARS]}, a list or a tensor, and key, context, derived or feature:<set>.",
            )
