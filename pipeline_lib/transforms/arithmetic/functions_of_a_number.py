"""Functions of one number: each column becomes one of the same name.

Missing stays missing, and what a function has no value for becomes missing. An infinite value gives what the function
tends to.
"""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class AbsTransformer(ColumnTransformer):
    """Answer |x|. The reference is numpy.abs.

    >>> import polars as pl
    >>> AbsTransformer().transform(pl.DataFrame({"n": [-2.0, None]}))["n"].to_list()
    [2.0, None]
    """

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Apply the function."""
        return [mapped(read, write, "abs")]


@dataclass(eq=False)
class ArcsinTransformer(ColumnTransformer):
    """Answer the arcsine of √x, which evens out the variance of shares from 0 to 1; of others missing.

    The reference is numpy.arcsin(numpy.sqrt(x)).

    >>> import polars as pl
    >>> ArcsinTransformer().transform(pl.DataFrame({"n": [0.0, 2.0, None]}))["n"].to_list()
    [0.0, None, None]
    """

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Take the root, then the arcsine."""
        root = f"{write} root"
        return [mapped(read, root, "sqrt"), mapped(root, write, "arcsin")]


@dataclass(eq=False)
class ExpTransformer(ColumnTransformer):
    """Answer eˣ; missing where that is beyond the largest double. The reference is numpy.exp.

    >>> import polars as pl
    >>> ExpTransformer().transform(pl.DataFrame({"n": [0.0, 1e4, None]}))["n"].to_list()
    [1.0, None, None]
    """

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Apply the function."""
        return [mapped(read, write, "exp")]


@dataclass(eq=False)
class Log1pTransformer(ColumnTransformer):
    """Answer ln (1 + x), exact near 0 too; of −1 and below missing. The reference is numpy.log1p.

    >>> import polars as pl
    >>> Log1pTransformer().transform(pl.DataFrame({"n": [0.0, -1.0, None]}))["n"].to_list()
    [0.0, None, None]
    """

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Apply the function."""
        return [mapped(read, write, "log1p")]


@dataclass(eq=False)
class LogTransformer(ColumnTransformer):
    """Answer ln x; of 0 and below missing. The reference is numpy.log.

    >>> import polars as pl
    >>> LogTransformer().transform(pl.DataFrame({"n": [1.0, 0.0, None]}))["n"].to_list()
    [0.0, None, None]
    """

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Apply the function."""
        return [mapped(read, write, "log")]


@dataclass(eq=False)
class ReciprocalTransformer(ColumnTransformer):
    """Answer 1 / x; of 0 missing. The reference is numpy.reciprocal.

    >>> import polars as pl
    >>> ReciprocalTransformer().transform(pl.DataFrame({"n": [4.0, 0.0, None]}))["n"].to_list()
    [0.25, None, None]
    """

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Apply the function."""
        return [mapped(read, write, "reciprocal")]


@dataclass(eq=False)
class SignTransformer(ColumnTransformer):
    """Answer −1, 0 or 1. The reference is numpy.sign.

    >>> import polars as pl
    >>> SignTransformer().transform(pl.DataFrame({"n": [-2.0, 0.0, None]}))["n"].to_list()
    [-1.0, 0.0, None]
    """

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Apply the function."""
        return [mapped(read, write, "sign")]


@dataclass(eq=False)
class SqrtTransformer(ColumnTransformer):
    """Answer √x; of what is below 0 missing. The reference is numpy.sqrt.

    >>> import polars as pl
    >>> SqrtTransformer().transform(pl.DataFrame({"n": [9.0, -1.0, None]}))["n"].to_list()
    [3.0, None, None]
    """

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Apply the function."""
        return [mapped(read, write, "sqrt")]


@dataclass(eq=False)
class SquareTransformer(ColumnTransformer):
    """Answer x²; missing where that is beyond the largest double. The reference is numpy.square.

    >>> import polars as pl
    >>> SquareTransformer().transform(pl.DataFrame({"n": [3.0, 1e200, None]}))["n"].to_list()
    [9.0, None, None]
    """

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Apply the function."""
        return [mapped(read, write, "square")]
