"""Types that a column cannot say itself: tensors of a fixed shape, and categories with their vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError, quoted

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.feature_set import FeatureSet

ELEMENTS = ("float64", "float32", "int64")
REFUSE, NULL = "refuse", "null"
_LARGEST, _FIRST = 1 << 20, 12
# They take a tensor as one value; others would need an order among tensors, or would add them.
WHOLE = (
    *("count", "first", "last", "lag", "first_k", "last_k", "unique_count", "bounded_unique_count"),
    *("approx_unique_count", "rate", "time_since_first", "time_since_last"),
)


@dataclass(frozen=True)
class Tensor:
    """An array of numbers of a fixed shape, an embedding say: one value, never taken apart.

    A column of (nested) lists or arrays of numbers. Aggregations give it whole: the last, the first, the last k.

    Args:
        shape: How long it is in each dimension.
        dtype: What it is stored as: float64, float32 or int64; values are Float64 or Int64.
        invalid: What becomes of another shape, a null within, or a number that is not finite: `refuse`, an error that
            counts the rows, or `null`.

    >>> Tensor([2, 3]).size
    6

    Raises:
        DefinitionError: no shape, a length that is not positive, or an unknown `invalid`.
        UnknownNameError: another dtype.
    """

    shape: Sequence[int]
    dtype: str = "float64"
    invalid: str = REFUSE

    def __post_init__(self) -> None:
        listed = isinstance(self.shape, list | tuple) and bool(self.shape)
        if not listed or any(type(each) is not int or each < 1 for each in self.shape):
            raise DefinitionError(
                f"a tensor has the shape {self.shape!r}.", cure="Expected lengths, as [128] or [2, 3]."
            )
        object.__setattr__(self, "shape", tuple(self.shape))
        if self.size > _LARGEST:
            raise DefinitionError(
                f"a tensor has {self.size:,} numbers.", cure=f"Expected {_LARGEST:,} at most."
            )
        if self.dtype not in ELEMENTS:
            raise UnknownNameError("dtype of a tensor", str(self.dtype), ELEMENTS)
        if self.invalid not in (REFUSE, NULL):
            raise DefinitionError(f"invalid is {self.invalid!r}.", cure="Expected 'refuse' or 'null'.")

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)

    @property
    def words(self) -> str:
        """What it is, for people.

        >>> Tensor([2, 3]).words
        'tensor of 2 × 3 float64'
        """
        return f"tensor of {' × '.join(map(str, self.shape))} {self.dtype}"


@dataclass(frozen=True)
class Categorical:
    """Text out of a declared vocabulary.

    Args:
        values: The vocabulary.
        unknown: What becomes of other text: `refuse`, an error that counts the rows, `null`, or the word of the
            vocabulary that stands for the rest.

    >>> Categorical(["ok", "late", "other"], unknown="other").values
    ('ok', 'late', 'other')

    Raises:
        DefinitionError: no vocabulary, a word twice, or an `unknown` that is neither.
    """

    values: Sequence[str]
    unknown: str = REFUSE

    def __post_init__(self) -> None:
        listed = isinstance(self.values, list | tuple) and bool(self.values)
        if not listed or any(not isinstance(each, str) for each in self.values):
            raise DefinitionError(
                f"a categorical has the values {self.values!r}.", cure="Expected words, as ['ok', 'late']."
            )
        object.__setattr__(self, "values", tuple(self.values))
        doubled = sorted({each for each in self.values if self.values.count(each) > 1})
        if doubled:
            raise DefinitionError(
                f"a categorical has {quoted(doubled)} more than once.", cure="Name each word once."
            )
        if self.unknown not in (REFUSE, NULL, *self.values):
            raise UnknownNameError(
                "policy for unknown words", str(self.unknown), (REFUSE, NULL, *self.values)
            )

    @property
    def words(self) -> str:
        """What it is, for people; of a long vocabulary the first words.

        >>> Categorical(["ok", "late"]).words
        'one of ok, late'
        """
        more = f" and {len(self.values) - _FIRST:,} more" if len(self.values) > _FIRST else ""
        return f"one of {', '.join(self.values[:_FIRST])}{more}"


DeclaredType = Tensor | Categorical


def checked_types(feature_set: FeatureSet) -> dict[str, DeclaredType]:
    """Return a set's declared types by the name of the column.

    Raises:
        UnknownNameError: a column that the set does not aggregate, split by or take.
        DefinitionError: something else in place of a type, a key, or an aggregation that a tensor does not have.
    """
    given, name = feature_set.types, feature_set.name
    if not isinstance(given, Mapping):
        raise DefinitionError(f"types of {name!r} is {given!r}.", cure='Expected {"emb": Tensor([128])}.')
    for column, declared in given.items():
        if column not in feature_set.source_inputs:
            raise UnknownNameError(f"input column of {name!r} (in types)", column, feature_set.source_inputs)
        if not isinstance(declared, DeclaredType):
            raise DefinitionError(
                f"the type of {column!r} of {name!r} is {declared!r}.",
                cure="Expected a Tensor or a Categorical.",
            )
        if column in feature_set.keys:
            raise DefinitionError(f"types of {name!r} names its key {column!r}.", cure="Leave it out.")
    for made in feature_set.aggregations:
        within = [each for each in (made.column, *made.buckets) if isinstance(given.get(each), Tensor)]
        if within and (within != [made.column] or made.buckets or made.operation not in WHOLE):
            raise DefinitionError(
                f"{made.operation} of {name!r} would take the tensor {within[0]!r} apart.",
                cure=f"Tensors have {', '.join(WHOLE)}, without buckets; derive numbers of it in the source's select.",
            )
        if (
            within
            and made.empty is not None
            and made.operation in ("first", "last", "lag", "first_k", "last_k")
        ):
            raise DefinitionError(
                f"{made.operation} of the tensor {made.column!r} has empty={made.empty!r}.",
                cure="Leave it out.",
            )
    return dict(sorted(given.items()))


def typed_inputs(feature_set: FeatureSet) -> dict[str, DeclaredType]:
    """Return the declared types of a set's inputs, filtered ones among them, by the names that cleaned rows have."""
    types, filtered = feature_set.types, feature_set.filtered
    made = {name: filtered[name][0] if name in filtered else name for name in feature_set.inputs}
    return {name: types[column] for name, column in made.items() if column in types}


def told_of(declared: DeclaredType | None) -> dict[str, object]:
    """Return what decides the rows of a typed column, as a record says it; empty where it has no declared type."""
    if declared is None:
        return {}
    if isinstance(declared, Tensor):
        return {"tensor": [list(declared.shape), declared.dtype, declared.invalid]}
    return {"categorical": [sorted(declared.values), declared.unknown]}
