"""From mutations of rows to versions of rows: each holds from `available_at` to `available_to`.

1. Each mutation opens a version of its row or closes the one in force; `known` is when it could be known.
2. The mutations of a row are put in order: (time, sequence), then what closes before what opens, then images that
   another image of the same moment takes back, then the bytes of the row. Copies collapse into that known first.
3. At t the last mutation of those known by then is in force. So a version holds from when it is known until the
   first of all later mutations is, whatever order they came in; one that is overtaken before it holds never shows.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError, did_you_mean
from bighead.pipeline_lib.features.mutations import CLOSING, OPENING, Mutations
from bighead.pipeline_lib.point_in_time.row_names import EVENT_ID, KNOWN, TIME, UNTIL

_OPENS, _BYTES, _TAKEN_BACK, _MOMENT = "__opens", "__bytes", "__taken_back", "__moment"


def versions(
    mutations: pl.DataFrame,
    declared: Mutations,
    where: str = "the mutations",
    *,
    identity: Sequence[str] = (EVENT_ID,),
    compared: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Return the versions of the rows, ordered by row and time, `available_to` (UTC µs) after `available_at`.

    All mutations of a row belong into one call; rows do not know of one another. Versions that never hold are left
    out, so that `(identity, available_at)` tells versions apart and at most one of a row holds at any t.

    Args:
        mutations: The columns that `declared` names (its time in UTC µs), `event_time` and `available_at` (UTC µs:
            when the mutation could be known), `identity`, and the rest of the row: keys and inputs.
        declared: What the columns say.
        where: Whose mutations they are, for messages.
        identity: The columns that name a row.
        compared: The columns in which an image before a change must be the version that it takes back, where it
            tells them at all; by default the whole row, and () for none.

    Raises:
        SchemaError: an operation or a sequence of a type that says nothing.
        DataError: an operation that there is not; an identity that is null; images that contradict each other.
    """
    content = [name for name in mutations.columns if name not in (*declared.columns, *identity, KNOWN)]
    _check_identity(mutations, identity, where)
    _check_sequence(mutations, declared, where)
    rows = mutations.with_columns(opens(mutations, declared, where).alias(_OPENS))
    rows = _in_order(rows, declared, identity, content)
    if declared.is_before is not None and compared != ():
        wanted = [name for name in content if compared is None or name in compared]
        _check_images(rows, identity, wanted, where)
    later = _first_known_later(rows, identity).alias(UNTIL)
    held = rows.with_columns(later, pl.max_horizontal(KNOWN, TIME).alias(KNOWN))
    held = held.filter(pl.col(_OPENS), (pl.col(UNTIL) > pl.col(KNOWN)).fill_null(True))
    kept = [name for name in mutations.columns if name not in declared.columns]
    place = kept.index(KNOWN) + 1
    return held.select(*kept[:place], UNTIL, *kept[place:])


def _first_known_later(rows: pl.DataFrame, identity: Sequence[str]) -> pl.Series:
    """Of ordered mutations, when the first that comes later in the order of its row was known; null of the last."""
    goes_on = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in identity)
    then = pl.col(KNOWN).shift(-1)
    in_order = (~goes_on | (pl.col(KNOWN) <= then)).fill_null(True)
    if rows.select(in_order.all()).item():
        # Where nothing overtook, the next one was: a minimum over each row's rest costs ten times as much.
        return rows.select(pl.when(goes_on).then(then)).to_series()
    return rows.select(pl.col(KNOWN).cum_min(reverse=True).shift(-1).over(identity)).to_series()


def opens(mutations: pl.DataFrame, declared: Mutations, where: str = "the mutations") -> pl.Series:
    """Return which mutations open a version; the others only close one.

    Raises:
        SchemaError: the column is of no type that could say so.
        DataError: a null, or an operation that there is not.
    """
    column = mutations[declared.action]
    nulls = column.null_count()
    if nulls:
        raise DataError(
            f"{column.name!r} of {where} is null in {nulls} of {len(column)} rows.",
            cure="Every mutation says what it is: an operation, or whether it is an image before a change.",
        )
    if declared.operation is None:
        if len(column) and not isinstance(column.dtype, pl.Boolean):
            raise SchemaError(
                f"is_before={column.name!r} of {where} is {column.dtype}.",
                cure=f'Expected truths: select={{"{column.name}": "{column.name} = \'…\'"}}.',
            )
        return ~column.cast(pl.Boolean)
    if not isinstance(column.dtype, pl.String | pl.Categorical | pl.Enum | pl.Null):
        raise SchemaError(
            f"operation={column.name!r} of {where} is {column.dtype}.", cure=f"Expected text: {_known()}."
        )
    said = column.cast(pl.String).str.to_lowercase()
    unknown = column.filter(~said.is_in([*OPENING, *CLOSING]))
    if len(unknown):
        seen = str(unknown[0])
        raise DataError(
            f"{len(unknown)} rows of {where} have an operation {column.name!r} as {seen!r}.",
            cure=f"Expected {_known()}. {did_you_mean(seen, [*OPENING, *CLOSING]) or ''}".strip(),
        )
    return said.is_in(OPENING)


def _known() -> str:
    return ", ".join([*OPENING, *CLOSING])


def _check_identity(mutations: pl.DataFrame, identity: Sequence[str], where: str) -> None:
    for name in identity:
        nulls = mutations[name].null_count()
        if nulls:
            raise DataError(
                f"{name!r} of {where} is null in {nulls} of {mutations.height} rows.",
                cure="It names the row that a mutation is of.",
            )


def _check_sequence(mutations: pl.DataFrame, declared: Mutations, where: str) -> None:
    if declared.sequence is None:
        return
    dtype = mutations.schema[declared.sequence]
    if not (dtype.is_integer() or isinstance(dtype, pl.String | pl.Datetime | pl.Null)):
        raise SchemaError(
            f"the sequence {declared.sequence!r} of {where} is {dtype}.",
            cure="Expected integers, text or times.",
        )


def _in_order(
    rows: pl.DataFrame, declared: Mutations, identity: Sequence[str], content: list[str]
) -> pl.DataFrame:
    """Sort the mutations, one of each, and number each row's moments: its distinct (time, sequence)."""
    moment = [*identity, declared.time, *([declared.sequence] if declared.sequence else [])]
    shared = rows.select(pl.struct(moment).is_duplicated()).to_series()
    image = canonical(content, rows.schema)
    if not shared.any():
        # Where no two mutations share a moment, no bytes are needed.
        rows = rows.with_columns(pl.lit("").alias(_BYTES), pl.lit(False).alias(_TAKEN_BACK))
    else:
        rows = rows.with_columns(pl.when(pl.lit(shared)).then(image).otherwise(pl.lit("")).alias(_BYTES))
        same = [*moment, _OPENS, _BYTES]
        rows = rows.sort(KNOWN, maintain_order=True).unique(same, keep="first", maintain_order=True)
        both = pl.col(_OPENS).n_unique().over([*moment, _BYTES]) > 1
        # Only images tell which row they take back; a deleted row says no more than its name.
        taken = both if declared.is_before is not None else pl.lit(False)
        rows = rows.with_columns(taken.alias(_TAKEN_BACK))
    order = [*moment, _OPENS, ~pl.col(_TAKEN_BACK), _BYTES]
    return rows.sort(order).with_columns(pl.struct(moment).rle_id().alias(_MOMENT))


def canonical(columns: Sequence[str], schema: pl.Schema) -> pl.Expr:
    """Return a row's columns as one text, in the order of their names; texts are compared by their bytes."""

    def told(name: str) -> pl.Expr:
        dtype, column = schema[name], pl.col(name)
        if isinstance(dtype, pl.Binary):
            return column.bin.encode("hex")
        # JSON has no word for what is not finite.
        return column.cast(pl.String) if dtype.is_float() else column

    if not columns:
        return pl.lit("")
    return pl.struct(told(name).alias(name) for name in sorted(columns)).struct.json_encode()


def _check_images(rows: pl.DataFrame, identity: Sequence[str], compared: Sequence[str], where: str) -> None:
    """Refuse an image before a change that is not the version in force, if one is."""
    numbered = rows.with_row_index("__place")
    first = pl.col("__place").min().over(_MOMENT)
    before = numbered.with_columns((first.cast(pl.Int64) - 1).alias("__before"))
    before = before.filter(~pl.col(_OPENS), ~pl.col(_TAKEN_BACK), pl.col("__before") >= 0)
    in_force = rows[before["__before"].to_list()]
    same_row = pl.all_horizontal([before[name] == in_force[name] for name in identity])
    differs = pl.DataFrame(
        [(before[n].is_not_null() & before[n].ne_missing(in_force[n])).alias(n) for n in compared]
    )
    bad = (
        differs.select(pl.any_horizontal(pl.all())).to_series()
        if compared
        else pl.Series([], dtype=pl.Boolean)
    )
    wrong = bad & in_force[_OPENS] & before.select(same_row).to_series()
    if not wrong.any():
        return
    place = wrong.arg_max() or 0
    column = next(name for name in compared if differs[name][place])
    name = before.select(identity).row(place)
    raise DataError(
        f"{wrong.sum()} images before a change contradict {where}: of {name[0] if len(name) == 1 else name} one says"
        f" {column!r} was {before[column][place]!r}, where {in_force[column][place]!r} stands.",
        cure="Mutations lack, or their order is not known: name a sequence, or read the log from its start.",
    )
