"""Fits generalised linear mixed models whose effects belong to one kind of entity, of which there may be millions.

    y ~ family(μ),  link(μ) = X β + Z b[entity],  b ~ N(0, diag(σ²)) for each entity on its own

Steps of one pass; n rows, p fixed effects, E entities, k effects of an entity:
    1. rows in the order of their entities                                       X [n, p], Z [n, k]
    2. working weights and responses at the present answers                      w [n], z [n]
    3. for each entity the sums Z'wZ, Z'wX, Z'wz, by blocks of rows              [E, k, k], [E, k, p], [E, k]
    4. its posterior variance V = (Z'wZ + diag(1/σ²))⁻¹                          [E, k, k]
    5. β of the equations from which all b are eliminated (Schur complement)     [p, p], [p]
    6. b = V Z'w (z − X β)                                                       [E, k]
    7. σ² = mean of b² + diag V over entities; for normal labels the residuals' variance likewise

For normal labels this is the EM algorithm of maximum likelihood (Laird and Ware, Biometrics 1982) with an exact
solution of Henderson's equations in each pass; for others penalised quasi-likelihood (Breslow and Clayton, JASA 1993).
Every second pass leaps ahead to where the steps of log σ² lead (Aitken's delta squared, Proceedings of the Royal
Society of Edinburgh 1926).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Family = Literal["gaussian", "binomial", "poisson"]
_BLOCK_ROWS = 1 << 17
_LEAST_VARIANCE = 1e-10
# A variance of entities is of no account from this share of the residuals' on.
_SMALL = 1e-3
# exp(±30) is as far as weights stay numbers that can be divided by.
_FARTHEST = 30.0
# Of the logarithm of a variance, at once.
_FARTHEST_LEAP = 2.0


@dataclass(frozen=True)
class Rows:
    """Training rows in the order of their entities: labels [n], fixed effects [n, p], the entities' [n, k]."""

    labels: Array
    fixed: Array
    random: Array
    # Where the rows of each entity start, and of which entity each row is.
    starts: np.ndarray[Any, np.dtype[np.int64]]
    entity: np.ndarray[Any, np.dtype[np.int64]]

    def blocks(self) -> Iterator[tuple[slice, slice]]:
        """Rows and entities of blocks that end where an entity ends."""
        first, count = 0, len(self.starts)
        while first < count:
            end = int(np.searchsorted(self.starts, self.starts[first] + _BLOCK_ROWS))
            end = min(max(end, first + 1), count)
            last = int(self.starts[end]) if end < count else len(self.labels)
            yield slice(int(self.starts[first]), last), slice(first, end)
            first = end


@dataclass
class Estimate:
    """What is known after a pass: β [p], b [E, k], its variances σ² [k], the residuals' variance, V of b [E, k, k]."""

    fixed: Array
    random: Array
    variances: Array
    residual: float
    posterior: Array
    converged: bool = False


def fit(
    rows: Rows, family: Family, known: int, penalty: Array, tolerance: float, most_passes: int
) -> Estimate:
    """Return the estimate at which a pass changes nothing more than the tolerance, or that of the last pass.

    Args:
        rows: What to learn from.
        family: Of the labels.
        known: How many entities count for σ²; those behind them are rows of no entity, whose Z is 0.
        penalty: Of β², a number each.
        tolerance: Of the change of β and of the variances, by their scale.
        most_passes: When to stop.
    """
    p, k, count = rows.fixed.shape[1], rows.random.shape[1], len(rows.starts)
    spread = float(rows.labels.var()) or 1.0
    now = Estimate(
        fixed=np.zeros(p),
        random=np.zeros((count, k)),
        variances=np.full(k, spread / (2 * k) if family == "gaussian" else 1.0),
        residual=spread / 2 if family == "gaussian" else 1.0,
        posterior=np.zeros((count, k, k)),
    )
    eta = _start(rows.labels, family)
    past: list[Array] = []
    for _ in range(most_passes):
        before, at = now.fixed, np.log(np.append(now.variances, now.residual))
        eta = _pass(rows, family, known, penalty, now, eta)
        moved = np.log(np.append(now.variances, now.residual))
        step = np.abs(now.fixed - before).max(initial=0.0) / (1.0 + np.abs(now.fixed).max(initial=0.0))
        if step <= tolerance and _changed(at, moved) <= tolerance:
            now.converged = True
            break
        past.append(moved - at)
        if len(past) == 2:
            leap = np.exp(_leap(at - past[0], past[0], past[1]))
            now.variances = np.maximum(leap[:-1], _LEAST_VARIANCE)
            now.residual = float(leap[-1]) if family == "gaussian" else 1.0
            past = []
    return now


def _changed(before: Array, after: Array) -> float:
    """How far variances moved, by their size; those far below the residuals' matter no more, however they shrink."""
    was, now = np.exp(before), np.exp(after)
    return float((np.abs(now - was) / (now + _SMALL * now[-1])).max())


def _leap(start: Array, first: Array, second: Array) -> Array:
    """Where two steps in a row lead to, each variance on its own: steps that shrink go to their limit if near."""
    shrinks = (first * second > 0) & (np.abs(second) < np.abs(first))
    ratio = np.divide(second, first, out=np.zeros_like(first), where=shrinks)
    # What is left of a geometric series of such steps.
    rest = np.where(shrinks, second * ratio / (1.0 - ratio), 0.0)
    return np.asarray(start + first + second + np.clip(rest, -_FARTHEST_LEAP, _FARTHEST_LEAP))


def _start(labels: Array, family: Family) -> Array:
    """Answers near the labels, from which the first pass sets out."""
    if family == "gaussian":
        return np.zeros(len(labels))
    mean = float(labels.mean())
    return np.full(
        len(labels), np.log(mean / (1 - mean)) if family == "binomial" else np.log(max(mean, 1e-9))
    )


def _working(rows: Rows, family: Family, eta: Array, residual: float) -> tuple[Array, Array]:
    """Weights and responses of the linear model that is like this one near its answers."""
    if family == "gaussian":
        return np.full(len(eta), 1.0 / residual), rows.labels
    near = np.clip(eta, -_FARTHEST, _FARTHEST)
    mean = 1.0 / (1.0 + np.exp(-near)) if family == "binomial" else np.exp(near)
    weight = np.maximum(mean * (1.0 - mean) if family == "binomial" else mean, 1e-10)
    return weight, near + (rows.labels - mean) / weight


def _pass(rows: Rows, family: Family, known: int, penalty: Array, now: Estimate, eta: Array) -> Array:
    """Make a pass: change the estimate, and return the new answers."""
    weight, response = _working(rows, family, eta, now.residual)
    p = rows.fixed.shape[1]
    left, right = np.diag(penalty), np.zeros(p)
    sums = np.empty_like(now.posterior)
    for taken, entities in rows.blocks():
        x, z, w, y = rows.fixed[taken], rows.random[taken], weight[taken], response[taken]
        starts = rows.starts[entities] - taken.start
        wz = z * w[:, None]
        sums[entities] = np.add.reduceat(wz[:, :, None] * z[:, None, :], starts)
        crossed = np.add.reduceat(wz[:, :, None] * x[:, None, :], starts)
        answers = np.add.reduceat(wz * y[:, None], starts)
        variance = np.linalg.inv(sums[entities] + np.diag(1.0 / now.variances))
        now.posterior[entities] = variance
        weighted = x * w[:, None]
        eliminated = variance @ crossed
        left += weighted.T @ x - np.tensordot(crossed, eliminated, axes=([0, 1], [0, 1]))
        right += weighted.T @ y - np.einsum("ekp,ek->p", eliminated, answers)
    # Columns that depend on each other have many solutions; the least one is the same each time.
    now.fixed = np.asarray(np.linalg.lstsq(left, right, rcond=1e-12)[0], dtype=np.float64)
    made = rows.fixed @ now.fixed
    scored = rows.random * (weight * (response - made))[:, None]
    now.random = np.asarray(now.posterior @ np.add.reduceat(scored, rows.starts)[:, :, None])[:, :, 0]
    made += (rows.random * now.random[rows.entity]).sum(axis=1)
    if known:
        spread = np.einsum("ekk->ek", now.posterior[:known])
        now.variances = np.maximum((now.random[:known] ** 2 + spread).mean(axis=0), _LEAST_VARIANCE)
    if family == "gaussian":
        unsure = now.residual * float(np.einsum("ekl,elk->", sums, now.posterior))
        now.residual = max((float(((rows.labels - made) ** 2).sum()) + unsure) / len(made), _LEAST_VARIANCE)
    return made
