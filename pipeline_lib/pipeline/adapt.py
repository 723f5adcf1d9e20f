"""Makes a step of what a user puts on a pipeline: our own steps as they are, other frameworks' through adapters."""

from __future__ import annotations

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.transformer import Transformer


def as_step(step: object) -> Transformer:
    """Return a step for any object that can fit, transform or predict; the word `keep` passes columns on.

    Raises:
        DefinitionError: a class instead of an object, or an object that can do neither.
    """
    if isinstance(step, Transformer):
        return step
    if isinstance(step, type):
        raise DefinitionError(f"{step.__name__} is a class.", cure=f"Put an object there: {step.__name__}().")
    if step == "keep":
        from bighead.pipeline_lib.transforms import Keep

        return Keep()
    from bighead.pipeline_lib.frameworks.adapt import adapt_estimator

    return adapt_estimator(step)
