"""ImageTransformer: base of steps that take encoded images."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl
from bighead_kernels import ImageProgram

from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError
from bighead.pipeline_lib.pipeline.transformer import State, Transformer, arrow_column

CURE = "Expected bytes of JPEG, PNG or PNM images, a pl.Binary column; leave other columns out."
# What Pillow warns of: three bytes each come to 268 MB.
MAX_PIXELS = 89_478_485
_SHOWN = 10
Refused = list[tuple[int, str]]
Spec = dict[str, Any]


@dataclass(eq=False, kw_only=True)
class ImageTransformer(Transformer):
    """Base of steps that take images: bytes of JPEG, PNG or binary PNM, a row each, as files hold them.

    Images are turned upright as their EXIF orientation says. Steps that answer images answer uncompressed PNM (P6, grey
    P5), which steps behind them read. A missing image (null) stays missing. A row's answer is the same in every batch.

    Args:
        errors: What becomes of a row that cannot be answered: `raise` refuses the batch and names its rows, `missing`
            leaves the row missing; `image_errors` tells why.
        max_pixels: The most pixels (width × height) that an image may have; larger ones are refused before memory is
            taken for them.
    """

    takes = frozenset({"bytes"})
    cure = CURE
    errors: Literal["raise", "missing"] = "raise"
    max_pixels: int = MAX_PIXELS

    def __post_init__(self) -> None:
        if self.errors not in ("raise", "missing"):
            raise DefinitionError(f"errors={self.errors!r}.", cure="Expected 'raise' or 'missing'.")
        whole_number("max_pixels", self.max_pixels, 1, 2**40)

    def decoding(self) -> str:
        """Return how JPEG files are decoded: `full` by default, or `scaled` where the first step resizes."""
        return "full"

    def steps(self) -> list[Spec]:
        """Return what is done to the pixels, as the kernel reads it; nothing by default."""
        return []

    def answer(self) -> Spec:
        """Return what the pixels are answered as, as the kernel reads it."""
        return {"kind": "pnm"}

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Work on each image of each column, on all cores."""
        made = []
        for series in frame:
            column, refused = self.run(series, self.answer())
            if refused and self.errors == "raise":
                raise _refusal(series.name, len(series), refused)
            made.append(column)
        return pl.DataFrame(made)

    def run(self, series: pl.Series, answer: Spec) -> tuple[pl.Series, Refused]:
        """Return the answers to a column, and the rows that were refused with the reason."""
        if series.dtype not in (pl.Binary, pl.Null):
            raise SchemaError(f"the column {series.name!r} is {series.dtype}.", cure=CURE)
        work = {"decoding": self.decoding(), "steps": self.steps()}
        spec = {"max_pixels": self.max_pixels, **work, "answer": answer}
        column, refused = ImageProgram.from_spec(json.dumps(spec)).run(series.cast(pl.Binary))
        return arrow_column(series.name, column), refused

    def state(self) -> State:
        """There is nothing to learn."""
        return {}

    def restore(self, state: State) -> None:
        """There is nothing to take up."""


def _refusal(column: str, rows: int, refused: Refused) -> DataError:
    told = "; ".join(f"row {row}: {reason}" for row, reason in refused[:_SHOWN])
    more = f"; and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
    return DataError(
        f"{len(refused)} of {rows} images in {column!r} cannot be answered: {told}{more}.",
        cure="Leave these rows out, or errors='missing' makes them null.",
    )


def whole_number(name: str, seen: object, least: int, most: int) -> int:
    """Return an argument that is a whole number within bounds.

    >>> whole_number("height", 224, 1, 65535)
    224

    Raises:
        DefinitionError: it is anything else.
    """
    if type(seen) is not int or not least <= seen <= most:
        raise DefinitionError(f"{name}={seen!r}.", cure=f"Expected a whole number from {least} to {most}.")
    return seen
