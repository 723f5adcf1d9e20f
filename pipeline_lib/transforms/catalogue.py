"""The catalogue of transforms, docs/transforms.md, made of what the transforms say of themselves.

python -m bighead.pipeline_lib.transforms.catalogue > docs/transforms.md
"""

from __future__ import annotations

import inspect
import re

from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms import FAMILIES, TRANSFORMS
from bighead.pipeline_lib.transforms.images.image_transformer import ImageTransformer
from bighead.pipeline_lib.transforms.text.text_transformer import TextTransformer
from bighead.pipeline_lib.transforms.wrapped import WrappedTransform

_REFERENCE = re.compile(r"reference is (.+?)(?:[.,;] |[.,;]$|, which|$)", re.DOTALL)
_HEAD = """# Transforms

{count} transforms, made of the docstrings by `python -m bighead.pipeline_lib.transforms.catalogue`. Each is tested
against its reference in `tests/pipeline_lib/transforms/`. `help(RobustScaler)` says more, with an example that runs.

How it is calculated: *primitives* and *expression* are those of the kernel; tables, single rows and the serving plan
run the same code, bit for bit. A *kernel* is one of its own, for tables and rows. What is *wrapped* is calculated by
the reference itself. In the plan: whether a pipeline with it can be one native call (“where it can”: that depends on
parameters).

Put one on columns with `p[columns] >>= RobustScaler()`; a list of them is a chain. Steps that learn labels answer the
training rows without having seen each row's own label (`fit_transform`).
"""


def catalogue() -> str:
    """Return the page."""
    parts = [_HEAD.format(count=len(TRANSFORMS))]
    for family, members in FAMILIES.items():
        parts.append(
            f"## {family}\n\n| transform | what it does | reference | calculated by | in the plan |\n"
            f"|---|---|---|---|---|\n{_rows(members)}\n"
        )
    return "\n".join(parts)


def _rows(members: tuple[type[Transformer], ...]) -> str:
    return "\n".join(
        f"| `{each.__name__}` | {_first(each)} | {reference(each)} | {kind(each)} | {lowers(each)} |"
        for each in members
    )


def kind(transform: type[Transformer]) -> str:
    """Return by what a transform is calculated.

    >>> from bighead.pipeline_lib.transforms import KNNImputer, MinMaxScaler
    >>> kind(MinMaxScaler), kind(KNNImputer)
    ('primitives', 'wrapped')
    """
    if issubclass(transform, ExpressedTransformer):
        return "expression"
    if issubclass(transform, WrappedTransform):
        return "wrapped"
    return "kernel" if issubclass(transform, TextTransformer | ImageTransformer) else "primitives"


def lowers(transform: type[Transformer]) -> str:
    """Return whether a transform has a native form."""
    if issubclass(transform, WrappedTransform):
        return "where it can"
    return "no" if transform.lower is Transformer.lower else "yes"


def _first(transform: type[Transformer]) -> str:
    """The first sentence of a docstring."""
    text = " ".join(inspect.getdoc(transform).split()).replace("|", "\\|")  # type: ignore[union-attr]
    return re.split(r"(?<=[^.])\. ", text)[0].removesuffix(".")


def reference(transform: type[Transformer]) -> str:
    """Return what a transform is tested against, as its docstring says.

    >>> from bighead.pipeline_lib.transforms import MinMaxScaler
    >>> reference(MinMaxScaler)
    "scikit-learn's MinMaxScaler"
    """
    found = _REFERENCE.search(" ".join((inspect.getdoc(transform) or "").split()))
    return found[1].replace("|", "\\|") if found else "–"


if __name__ == "__main__":
    print(catalogue(), end="")
