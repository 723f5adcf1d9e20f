"""The catalogue of transforms, docs/transforms.md, made of what the transforms say of themselves.

python -m bighead.pipeline_lib.transforms.catalogue > docs/transforms.md
"""

from __future__ import annotations

import inspect
import re

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms import FAMILIES, TRANSFORMS

_REFERENCE = re.compile(r"reference is (.+?)(?:[.,;] |[.,;]$|, which|$)", re.DOTALL)
_HEAD = """# Transforms

{count} transforms, made of the docstrings by `python -m bighead.pipeline_lib.transforms.catalogue`. Each is made of the
kernel's primitives: tables, single rows and the serving plan run the same code, bit for bit, and each is tested against
its reference in `tests/pipeline_lib/transforms/`. `help(RobustScaler)` says more, with an example that runs.

Put one on columns with `p[columns] >>= RobustScaler()`; a list of them is a chain. Steps that learn labels answer the
training rows without having seen each row's own label (`fit_transform`).
"""


def catalogue() -> str:
    """Return the page."""
    parts = [_HEAD.format(count=len(TRANSFORMS))]
    for family, members in FAMILIES.items():
        parts.append(
            f"## {family}\n\n| transform | what it does | reference |\n|---|---|---|\n{_rows(members)}\n"
        )
    return "\n".join(parts)


def _rows(members: tuple[type[Transformer], ...]) -> str:
    return "\n".join(f"| `{each.__name__}` | {_first(each)} | {reference(each)} |" for each in members)


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
