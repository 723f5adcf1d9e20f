"""JSON of a bundle, as it was written: without NaN, infinity, and anything that lies too deep to be read."""

from __future__ import annotations

import json
import math
from typing import Any


def read_json(content: bytes) -> Any:
    """Return JSON values.

    >>> read_json(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}

    Raises:
        ValueError: no JSON, or a number that is none of JSON's.
    """
    try:
        return json.loads(content, parse_constant=_refused, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("values that lie too deep in each other") from error


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused(text)


def _refused(text: str) -> float:
    raise ValueError(f"the number {text[:40]}")
