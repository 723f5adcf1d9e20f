"""A fitted estimator of scikit-learn as JSON and arrays, and back, without pickle or running what is stored."""

from __future__ import annotations

import json
import logging
from typing import Any

from bighead.pipeline_lib.errors import ArtifactError, MissingExtraError
from bighead.pipeline_lib.frameworks.sklearn_state.arrays import from_bytes, to_bytes
from bighead.pipeline_lib.frameworks.sklearn_state.graph import Apart, Together

__all__ = ["put_together", "take_apart"]

FORMAT = 1
# What code of NumPy, SciPy and scikit-learn raises of parts that are not what they should be.
_GARBLED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)
_log = logging.getLogger(__name__)


def take_apart(estimator: Any) -> tuple[bytes, bytes]:
    """Return an estimator as JSON and as the bytes of its arrays; equal estimators give equal bytes.

    >>> from sklearn.linear_model import LinearRegression
    >>> said, arrays = take_apart(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]))
    >>> put_together(said, arrays).predict([[3.0]]).round(6).tolist()
    [6.0]

    Raises:
        UnsupportedStepError: it holds something that cannot be stored; the message says where.
    """
    import sklearn

    apart = Apart()
    root = apart.take(estimator)
    said = {
        "format": FORMAT,
        "scikit-learn": sklearn.__version__,
        "root": root,
        "objects": apart.objects,
        "arrays": len(apart.arrays),
    }
    return json.dumps(said, separators=(",", ":"), allow_nan=False).encode(), to_bytes(apart.arrays)


def put_together(said: bytes, arrays: bytes) -> Any:
    """Return the estimator of what `take_apart` returned.

    Another version of scikit-learn than the one that stored it is warned of; whether it answers the same, the stored
    example of an artifact decides.

    Raises:
        ArtifactError: what is garbled, or names a class or function that no estimator is made of.
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        import sklearn
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "train") from error
    held = from_bytes(arrays)
    stored = "another version"
    try:
        plain = json.loads(said)
        if plain["format"] != FORMAT or plain["arrays"] != len(held):
            raise ValueError(f"format {plain['format']} with {plain['arrays']} arrays")
        stored = str(plain["scikit-learn"])
        if stored != sklearn.__version__:
            _log.warning("an estimator of scikit-learn %s is read by %s", stored, sklearn.__version__)
        return Together(plain["objects"], held).build(plain["root"])
    except _GARBLED as error:
        raise ArtifactError(
            f"a stored estimator cannot be put together: {type(error).__name__}: {error}.",
            cure=f"Train again, or install scikit-learn {stored}, which stored it.",
        ) from error
