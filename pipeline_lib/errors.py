"""Every error that Bighead raises on purpose.

    BigheadError
    ├── DefinitionError            what a user wrote cannot mean anything
    │   ├── UnknownNameError       a name nobody defined (with the nearest that exist)
    │   ├── NameCollisionError     two things of one name
    │   ├── ForbiddenError         somebody reads or writes what is not for them
    │   └── LeakError              an input that would be known only after the question
    ├── DataError                  rows that cannot be what the definition says
    │   ├── SchemaError            columns or types differ from the declared ones
    │   ├── EventTimeError         times that are null, ambiguous or nonexistent
    │   └── StaleRowsError         stored days that were computed from another definition
    ├── StoreError                 a store that cannot answer or take what it was given
    │   ├── CorruptLogError        bytes of a log that do not match their checksum
    │   └── ConflictError          somebody else committed first, and retries ran out
    ├── ArtifactError              a bundle that cannot be built or trusted
    │   ├── UnsupportedStepError   a step that cannot be stored without pickle
    │   └── TamperedArtifactError  bytes that differ from the manifest's hash
    ├── RegistryError              the registry refuses
    │   ├── GateFailedError        a required check failed or is missing
    │   ├── StaleReleaseError      its data ends no later than the active one's
    │   └── PromotionError         a gateway or the loader did not follow
    ├── RequestError               a request that cannot be answered: always a 4xx, never a 500
    └── MissingExtraError          a part of Bighead that is not installed here

Each says what was seen, what was expected and the cure.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Self


class BigheadError(Exception):
    """The root: `message` says what happened, `cure` what to do about it."""

    def __init__(self, message: str, *, cure: str | None = None) -> None:
        self.message = message
        self.cure = cure
        super().__init__(message if cure is None else f"{message} {cure}")

    def at(self, place: str) -> Self:
        """Say before the message where in the user's files it happened, and return the error."""
        self.message = f"{place}: {self.message}"
        self.args = (self.message if self.cure is None else f"{self.message} {self.cure}",)
        return self


class DefinitionError(BigheadError):
    """A definition that cannot mean anything; raised while it is built, before any data is read."""


class UnknownNameError(DefinitionError):
    """A name that nobody defined.

    >>> print(UnknownNameError("feature set", "carier", ["carrier", "route"]))
    no feature set is called 'carier'. Did you mean 'carrier'?
    """

    def __init__(self, kind: str, seen: str, known: Iterable[str]) -> None:
        self.kind, self.seen, self.known = kind, seen, sorted(known)
        super().__init__(f"no {kind} is called {seen!r}.", cure=did_you_mean(seen, self.known))


class NameCollisionError(DefinitionError):
    """Two definitions or columns of one name."""


class LeakError(DefinitionError):
    """An input that would be known only after the question is asked."""


class ForbiddenError(DefinitionError):
    """Somebody reads or writes what is not for them."""


class DataError(BigheadError):
    """Rows that cannot be what the definition says they are."""


class SchemaError(DataError):
    """Columns or types that differ from the declared ones.

    >>> print(SchemaError.columns("table 'flights'", seen=["carier", "dest"], expected=["carrier", "dest"]))
    table 'flights' lacks the column 'carrier'; it has 'carier', 'dest'. Did you mean 'carier'?
    """

    @classmethod
    def columns(cls, where: str, *, seen: Sequence[str], expected: Sequence[str]) -> SchemaError:
        """Say which expected columns `where` lacks and which near names it has."""
        missing = [name for name in expected if name not in set(seen)]
        word = "column" if len(missing) == 1 else "columns"
        message = f"{where} lacks the {word} {quoted(missing)}; it has {quoted(seen)}."
        return cls(message, cure=did_you_mean(missing[0], seen) if missing else None)


class EventTimeError(DataError):
    """Times that are null, ambiguous or nonexistent where a definition needs one."""


class StaleRowsError(DataError):
    """Stored days of features that were computed from another definition than the one that asks."""


class StoreError(BigheadError):
    """A store that cannot answer, or cannot take what it was given."""


class CorruptLogError(StoreError):
    """Bytes of a log that do not match their checksum, before its last record."""


class ConflictError(StoreError):
    """Somebody else committed first, and the bounded retries ran out."""


class ArtifactError(BigheadError):
    """An artifact bundle that cannot be built or cannot be trusted."""


class UnsupportedStepError(ArtifactError):
    """A pipeline step whose state cannot be stored without pickle."""


class TamperedArtifactError(ArtifactError):
    """Bytes in a bundle that differ from what its manifest's hash says."""


class RegistryError(BigheadError):
    """The registry refuses what it was asked."""


class GateFailedError(RegistryError):
    """A required check of the artifact failed or was never recorded."""


class StaleReleaseError(RegistryError):
    """The release's data ends no later than the active artifact's."""


class PromotionError(RegistryError):
    """The loader or a live gateway did not follow a promotion."""


class RequestError(BigheadError):
    """A request that cannot be answered as it stands; `status` is the HTTP status, always 4xx."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str = "bad_request",
        column: str | None = None,
        row: int | None = None,
        cure: str | None = None,
    ) -> None:
        super().__init__(message, cure=cure)
        self.status, self.code, self.column, self.row = status, code, column, row


class MissingExtraError(BigheadError):
    """A part of Bighead that is not installed here; the cure names the extra."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} is not installed.", cure=f"Install it with: pip install 'bighead[{extra}]'")


def did_you_mean(seen: str, known: Sequence[str], limit: int = 3) -> str:
    """Return a sentence with the names nearest to `seen`, or the list of what there is."""
    near = difflib.get_close_matches(seen, known, n=limit, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(repr(name) for name in near)}?"
    return f"There are: {quoted(known)}." if known else "There are none yet."


def quoted(names: Iterable[str], limit: int = 20) -> str:
    """Return names as a quoted list, cut after `limit`."""
    listed = list(names)
    text = ", ".join(repr(name) for name in listed[:limit])
    rest = len(listed) - limit
    return f"{text} and {rest} more" if rest > 0 else text or "nothing"
