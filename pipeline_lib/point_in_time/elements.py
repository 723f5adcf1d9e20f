"""What of each cleaned row is aggregated: its value itself, the elements of a list, the values of a map.

A map, and the values of bucket columns, also say into which entry of the result a value goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.result_types import concrete, element_of, is_map

BUCKET, PLACE = "__bucket", "__place"
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


@dataclass(frozen=True)
class Shape:
    """How the input of some features is taken apart: `nested` names a list or map; `buckets` split the result."""

    nested: str | None = None
    from_map: bool = False
    buckets: tuple[str, ...] = ()

    @property
    def keyed(self) -> bool:
        """Whether each value goes into an entry of a map."""
        return self.from_map or bool(self.buckets)

    @classmethod
    def of(cls, feature: Feature, schema: pl.Schema) -> Shape:
        """Return the shape of a feature over rows of a schema.

        Raises:
            SchemaError: a map that is also split by buckets.
        """
        dtype, buckets = schema[feature.column], feature.aggregation.buckets if feature.aggregation else ()
        if not isinstance(dtype, pl.List | pl.Array | pl.Struct):
            return cls(buckets=buckets)
        if is_map(dtype) and buckets:
            raise SchemaError(
                f"the input {feature.column!r} of {feature.name!r} is a map, which says its keys itself.",
                cure="Leave out its buckets.",
            )
        return cls(feature.column, is_map(dtype), buckets)


def elements(rows: pl.DataFrame, shape: Shape, kept: list[str]) -> pl.DataFrame:
    """Return the columns `kept` for each value that counts, with its `__bucket` where the shape is keyed.

    A list gives a row for each element that is not null, under its own name, and its `__place` in the list.

    Raises:
        SchemaError: a bucket, or a list's element, of a type that cannot serve.
    """
    if shape.buckets:
        rows = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in shape.buckets))
        rows = rows.with_columns(_joined([_text(name, rows.schema[name]) for name in shape.buckets]))
        kept = [*kept, BUCKET]
    if shape.nested is None:
        return rows.select(kept)
    name, dtype = shape.nested, rows.schema[shape.nested]
    element = element_of(dtype, f"the input {name!r}")
    kept = [each for each in kept if each != name]
    if isinstance(dtype, pl.Struct):
        entries = [
            pl.struct(
                pl.lit(each.name).alias("key"),
                pl.col(name).struct.field(each.name).cast(element).alias("value"),
            )
            for each in dtype.fields
        ]
        listed = pl.concat_list(entries)
    else:
        listed = pl.col(name).cast(pl.List(dtype.inner)) if isinstance(dtype, pl.Array) else pl.col(name)
    places = pl.int_ranges(0, pl.col(name).list.len()).alias(PLACE)
    long = rows.select(*kept, listed.alias(name)).with_columns(places).explode(name, PLACE)
    if not shape.from_map:
        return long.drop_nulls(name)
    entry, inner = pl.col(name).struct, long.schema[name]
    assert isinstance(inner, pl.Struct)
    long = long.drop_nulls(name).with_columns(
        entry.field("key").alias(BUCKET), entry.field("value").alias(name)
    )
    return long.with_columns(_text(BUCKET, concrete(inner.fields[0].dtype))).drop_nulls([name, BUCKET])


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    """A bucket as text: times in ISO 8601, as a histogram writes its values.

    Raises:
        SchemaError: floats, whose text is not one, and what has no text.
    """
    if isinstance(dtype, _TEXTS) or dtype.is_integer() or isinstance(dtype, pl.Boolean | pl.Date | pl.Null):
        return pl.col(name).cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        return pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.f" + ("Z" if dtype.time_zone else ""))
    raise SchemaError(
        f"the bucket {name!r} is {dtype}.",
        cure="Expected text, integers, truths or times, as CAST(… AS BIGINT).",
    )


def _joined(texts: list[pl.Expr]) -> pl.Expr:
    """Several buckets as one text, `a|b`; a backslash stands before a | of their own, so that none are mistaken."""
    if len(texts) == 1:
        return texts[0].alias(BUCKET)
    escaped = [
        text.str.replace_all("\\", "\\\\", literal=True).str.replace_all("|", "\\|", literal=True)
        for text in texts
    ]
    return pl.concat_str(escaped, separator="|").alias(BUCKET)
