"""Mean and central moments to the fourth, merged by Pébay's formulas: never by subtracting sums of powers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

# Below this share of the values' own squares, a spread is rounding.
_NOISE = 1e-14


@dataclass(frozen=True)
class Moments:
    """Of `n` finite values: their mean, and the sums of the 2nd, 3rd and 4th powers of what differs from it."""

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0

    @classmethod
    def of(cls, values: np.ndarray) -> Moments:
        """Return the moments of finite floats, in two passes."""
        if not len(values):
            return cls()
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(values.mean())
            off = values - mean
            squares = off * off
            return cls(
                len(values),
                mean,
                float(squares.sum()),
                float((squares * off).sum()),
                float(squares @ squares),
            )

    @property
    def variance(self) -> float | None:
        """The population variance; None of no values, or where it overflows."""
        return _finite(self.m2 / self.n) if self.n else None

    @property
    def stddev(self) -> float | None:
        """The square root of the variance."""
        return None if self.variance is None else math.sqrt(self.variance)

    @property
    def skew(self) -> float | None:
        """The population skewness; None where all values are alike."""
        return _finite(math.sqrt(self.n) * self.m3 / self.m2**1.5) if self._spread else None

    @property
    def kurtosis(self) -> float | None:
        """The population excess kurtosis, 0 for a normal distribution; None where all values are alike."""
        return _finite(self.n * self.m4 / self.m2**2 - 3) if self._spread else None

    @property
    def _spread(self) -> bool:
        if not self.n or not math.isfinite(self.m2) or self.m2**2 == 0 or not math.isfinite(self.m2**2):
            return False
        return self.m2 > _NOISE * (self.m2 + self.n * self.mean**2)


def merge_moments(one: Moments, other: Moments) -> Moments:
    """Return the moments of both together (Pébay 2008, equations 2.1 and 3.1)."""
    if not one.n or not other.n:
        return one if one.n else other
    a, b = float(one.n), float(other.n)
    n = a + b
    with np.errstate(over="ignore", invalid="ignore"):
        # NumPy's floats overflow to infinity, where Python's raise.
        d = np.float64(other.mean) - np.float64(one.mean)
        mean = one.mean + d * b / n
        m2 = one.m2 + other.m2 + d * d * a * b / n
        m3 = one.m3 + other.m3 + d**3 * a * b * (a - b) / n**2
        m3 += 3 * d * (a * np.float64(other.m2) - b * np.float64(one.m2)) / n
        m4 = one.m4 + other.m4 + d**4 * a * b * (a * a - a * b + b * b) / n**3
        m4 += 6 * d * d * (a * a * np.float64(other.m2) + b * b * np.float64(one.m2)) / n**2
        m4 += 4 * d * (a * np.float64(other.m3) - b * np.float64(one.m3)) / n
    return Moments(one.n + other.n, float(mean), float(m2), float(m3), float(m4))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
