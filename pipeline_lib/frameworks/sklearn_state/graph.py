"""A fitted estimator taken apart into JSON and arrays, and put together again.

Objects with an identity – estimators, trees, random states – stand in one table and name each other by place, so that
what is shared stays shared and what points back may. Nothing in what is stored is run: it names classes of a fixed
list and gives them their attributes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.frameworks.sklearn_state.arrays import Array, dtype_words
from bighead.pipeline_lib.frameworks.sklearn_state.objects import KINDS, kind_of
from bighead.pipeline_lib.frameworks.sklearn_state.plain import Unknown, plain, value_of

MOST_DEPTH = 100
CURE = (
    "Give the estimator plain parameters (names of metrics and losses instead of functions), or use a step that "
    "stores arrays: bighead's transforms, scikit-learn's own estimators, XGBClassifier."
)


class Apart:
    """An estimator being taken apart."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self.objects: list[Any] = []
        self._places: dict[Any, int] = {}
        # An address stands for an object only as long as it lives.
        self._alive: list[Any] = []
        self._waiting: list[tuple[int, Any, str]] = []

    def take(self, root: Any) -> Any:
        """Return what stands for an object; `objects` and `arrays` then hold what it is made of.

        Raises:
            UnsupportedStepError: something that cannot be stored; the message says where it is.
        """
        name = type(root).__name__
        said = self.value(root, name)
        while self._waiting:
            # One after the other, since lists that are chained through objects may be long.
            place, each, path = self._waiting.pop()
            kind = kind_of(each)
            assert kind is not None
            try:
                self.objects[place] = {"kind": kind.name, **kind.take(each, self, path)}
            except ValueError as error:
                raise refused(path, each, str(error)) from error
        return said

    def value(self, value: Any, path: str, depth: int = 0) -> Any:
        """Return what stands for a value."""
        if depth > MOST_DEPTH:
            raise refused(path, value, "is nested too deep")
        if isinstance(value, np.ndarray):
            return self._array(value, path, depth)
        kind = type(value)
        if kind in (list, tuple, set, frozenset):
            parts = sorted(value, key=repr) if kind in (set, frozenset) else value
            said = [self.value(each, f"{path}[{place}]", depth + 1) for place, each in enumerate(parts)]
            return said if kind is list else {kind.__name__: said}
        if isinstance(value, dict):
            return self._dict(value, path, depth)
        if kind in (slice, range):
            return {kind.__name__: [self.value(e, path) for e in (value.start, value.stop, value.step)]}
        try:
            return plain(value)
        except (Unknown, ValueError):
            return self._object(value, path)

    def _dict(self, value: dict[Any, Any], path: str, depth: int) -> Any:
        from sklearn.utils import Bunch

        if type(value) not in (dict, Bunch):
            value = dict(value) if type(value).__name__ in ("defaultdict", "OrderedDict") else value
        if type(value) not in (dict, Bunch):
            raise refused(path, value, "is a dictionary of its own kind")
        items = [
            [self.value(key, path, depth + 1), self.value(each, f"{path}[{key!r}]", depth + 1)]
            for key, each in value.items()
        ]
        return {"dict" if type(value) is dict else "bunch": items}

    def _array(self, array: Array, path: str, depth: int) -> Any:
        if isinstance(array, np.ma.MaskedArray):
            parts = (np.asarray(array.data), np.ma.getmaskarray(array), array.fill_value)
            return {"masked": [self.value(each, path, depth + 1) for each in parts]}
        if type(array) not in (np.ndarray, np.memmap):
            raise refused(path, array, "is an array of its own kind")
        if array.dtype.kind == "O":
            items = [
                self.value(each, f"{path}[{place}]", depth + 1)
                for place, each in enumerate(array.ravel().tolist())
            ]
            return {"items": [[*array.shape], items]}
        try:
            dtype_words(array.dtype)
        except ValueError as error:
            raise refused(path, array, str(error)) from error
        key = (array.__array_interface__["data"][0], array.shape, array.strides, array.dtype.str, array.size)
        if key not in self._places:
            self._places[key] = len(self.arrays)
            self._alive.append(array)
            self.arrays.append(np.asarray(array))
        return {"array": self._places[key]}

    def _object(self, value: Any, path: str) -> Any:
        if kind_of(value) is None:
            raise refused(path, value, "")
        if id(value) not in self._places:
            self._places[id(value)] = len(self.objects)
            self._alive.append(value)
            self.objects.append(None)
            self._waiting.append((self._places[id(value)], value, path))
        return {"at": self._places[id(value)]}


class Together:
    """An estimator being put together; whatever is garbled raises ValueError, TypeError, KeyError or IndexError."""

    def __init__(self, objects: Sequence[Mapping[str, Any]], arrays: Sequence[Array]) -> None:
        self._arrays = arrays
        self._said = objects
        self._made: list[Any] = []

    def build(self, said: Any) -> Any:
        """Return the object: all are made first and get their attributes then, since they may name each other."""
        self._made = [None] * len(self._said)
        for place, each in enumerate(self._said):
            self._made[place] = KINDS[each["kind"]].blank(each, self)
        for made, each in zip(self._made, self._said, strict=True):
            KINDS[each["kind"]].fill(made, each, self)
        for made, each in zip(self._made, self._said, strict=True):
            KINDS[each["kind"]].check(made)
        return self.value(said)

    def value(self, said: Any) -> Any:
        """Return the value that something stands for."""
        if isinstance(said, list):
            return [self.value(each) for each in said]
        if not isinstance(said, dict):
            return said
        ((kind, held),) = said.items()
        if kind == "at":
            return self._made[_place(held)]
        if kind == "array":
            return self._arrays[_place(held)]
        make = getattr(self, f"_{kind}", None) if kind in _CONTAINERS else None
        return value_of(kind, held) if make is None else make(held)

    def _tuple(self, held: Any) -> Any:
        return tuple(self.value(each) for each in held)

    def _set(self, held: Any) -> Any:
        return set(self._tuple(held))

    def _frozenset(self, held: Any) -> Any:
        return frozenset(self._tuple(held))

    def _slice(self, held: Any) -> Any:
        return slice(*self._tuple(held))

    def _range(self, held: Any) -> Any:
        return range(*self._tuple(held))

    def _dict(self, held: Any) -> Any:
        return {self.value(key): self.value(each) for key, each in held}

    def _bunch(self, held: Any) -> Any:
        from sklearn.utils import Bunch

        return Bunch(**self._dict(held))

    def _masked(self, held: Any) -> Any:
        data, mask, fill = self._tuple(held)
        return np.ma.MaskedArray(data, mask=mask, fill_value=fill)

    def _items(self, held: Any) -> Any:
        shape, items = held
        array = np.empty(len(items), dtype=object)
        for place, each in enumerate(items):
            array[place] = self.value(each)
        return array.reshape([int(length) for length in shape])


_CONTAINERS = frozenset({"tuple", "set", "frozenset", "slice", "range", "dict", "bunch", "masked", "items"})


def _place(held: Any) -> int:
    if not isinstance(held, int) or held < 0:
        raise ValueError(f"{held!r} is no place")
    return held


def refused(path: str, value: Any, why: str) -> UnsupportedStepError:
    """Return the error that says what cannot be stored, where it is and what to do."""
    named = value if hasattr(value, "__qualname__") else type(value)
    what = "the function" if named is value and not isinstance(value, type) else "of the type"
    said = f" ({why})" if why else ""
    called = f"{getattr(named, '__module__', 'builtins')}.{named.__qualname__}"
    return UnsupportedStepError(
        f"{path} is {what} {called}{said}, which cannot be stored without pickle.", cure=CURE
    )
