"""Step 1 of 9, define: what must hold of a feature set's days, declared beside what is computed from them.

A check is a frozen value. It names columns of the source as the definition does; `name` is what its asset check
is called. `severity` says what a failure does: `warn` (default), `error` (shown as one, stops nothing) or `block`
(what depends on the set is not computed in the same run).
"""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.quality.arguments import check_severity, micros, number, share, word


@dataclass(frozen=True)
class NullRate:
    """At most the share `max` of a day's rows lacks a value of `column`.

    >>> NullRate("price", max=0.05).name
    'null_rate_price'
    """

    column: str
    max: float
    severity: str = "warn"

    def __post_init__(self) -> None:
        check_severity(self.severity)
        if not 0 <= number("max", self.max) <= 1:
            raise DefinitionError(f"NullRate has max={self.max!r}.", cure="Expected a share from 0 to 1.")

    @property
    def name(self) -> str:
        """What its asset check is called."""
        return f"null_rate_{word(self.column)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,)

    @property
    def text(self) -> str:
        """What must hold, in words."""
        return f"at most {self.max:.2%} of {self.column} is null"


@dataclass(frozen=True)
class Range:
    """Every value of `column` lies in [min, max]; either may be open. Times are ISO texts."""

    column: str
    min: float | str | None = None
    max: float | str | None = None
    severity: str = "warn"

    def __post_init__(self) -> None:
        check_severity(self.severity)
        given = [each for each in (self.min, self.max) if each is not None]
        if not given or any(
            isinstance(each, bool) or not isinstance(each, int | float | str) for each in given
        ):
            raise DefinitionError(
                f"Range has min={self.min!r}, max={self.max!r}.", cure="Expected a number, or an ISO time."
            )
        if isinstance(self.min, str) != isinstance(self.max, str) and len(given) == 2:
            raise DefinitionError(
                f"Range has min={self.min!r}, max={self.max!r}.",
                cure="Give both as numbers, or both as texts.",
            )
        if len(given) == 2 and given[0] > given[1]:  # type: ignore[operator]
            raise DefinitionError(
                f"Range has min={self.min!r}, max={self.max!r}.", cure="Nothing lies between: swap them."
            )

    @property
    def name(self) -> str:
        """What its asset check is called."""
        return f"range_{word(self.column)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,)

    @property
    def text(self) -> str:
        """What must hold, in words."""
        least = "" if self.min is None else f" from {self.min}"
        most = "" if self.max is None else f" to {self.max}"
        return f"{self.column} lies{least}{most}"


@dataclass(frozen=True)
class Freshness:
    """The newest value of the time column `column` is at most `within` old, by the platform's clock."""

    within: str
    column: str = "event_time"
    severity: str = "warn"

    def __post_init__(self) -> None:
        check_severity(self.severity)
        if self.within_us <= 0:
            raise DefinitionError(f"Freshness has within={self.within!r}.", cure="Expected '36h', say.")

    @property
    def within_us(self) -> int:
        """The greatest age in microseconds."""
        return micros(self.within)

    @property
    def name(self) -> str:
        """What its asset check is called."""
        return "freshness" if self.column == "event_time" else f"freshness_{word(self.column)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,)

    @property
    def text(self) -> str:
        """What must hold, in words."""
        return f"the newest {self.column} is at most {self.within} old"


@dataclass(frozen=True)
class Volume:
    """A day has `min_rows` to `max_rows`, and is `within` a share of the mean of the `trailing` days before it.

    `within="50%"` (or 0.5) with a mean of 1000 rows allows 500 to 1500. Fewer than three earlier days give no mean.
    """

    min_rows: int | None = None
    max_rows: int | None = None
    within: str | float | None = None
    trailing: int = 7
    severity: str = "warn"

    def __post_init__(self) -> None:
        check_severity(self.severity)
        if self.min_rows is None and self.max_rows is None and self.within is None:
            raise DefinitionError("Volume asks for nothing.", cure="Give min_rows, max_rows or within.")
        for name in ("min_rows", "max_rows", "trailing"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
                raise DefinitionError(
                    f"Volume has {name}={value!r}.", cure="Expected a number of rows or days."
                )
        if self.trailing < LEAST_DAYS:
            raise DefinitionError(
                f"Volume has trailing={self.trailing}.", cure=f"Expected {LEAST_DAYS} days or more."
            )
        if self.share is not None and self.share < 0:
            raise DefinitionError(f"Volume has within={self.within!r}.", cure="Expected a share, as '50%'.")

    @property
    def share(self) -> float | None:
        """`within` as a number."""
        return None if self.within is None else share(self.within)

    @property
    def name(self) -> str:
        """What its asset check is called."""
        return "volume"

    @property
    def columns(self) -> tuple[str, ...]:
        """It reads none."""
        return ()

    @property
    def text(self) -> str:
        """What must hold, in words."""
        said = [f"at least {self.min_rows:,} rows"] if self.min_rows is not None else []
        said += [f"at most {self.max_rows:,} rows"] if self.max_rows is not None else []
        if self.share is not None:
            said.append(f"within {self.share:.0%} of the mean of {self.trailing} days")
        return "a day has " + ", ".join(said)


@dataclass(frozen=True)
class Unique:
    """No two rows of the days that are judged share the values of `column`: one name, or several together."""

    column: str | tuple[str, ...] | list[str]
    severity: str = "warn"

    def __post_init__(self) -> None:
        check_severity(self.severity)
        named = [self.column] if isinstance(self.column, str) else list(self.column)
        if not named or not all(isinstance(each, str) and each for each in named):
            raise DefinitionError(f"Unique has {self.column!r}.", cure='Expected columns, as Unique(["id"]).')
        object.__setattr__(self, "column", tuple(named))

    @property
    def name(self) -> str:
        """What its asset check is called."""
        return "unique_" + "_".join(word(each) for each in self.columns)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(self.column)

    @property
    def text(self) -> str:
        """What must hold, in words."""
        return f"no two rows share {' and '.join(self.columns)}"


@dataclass(frozen=True)
class Drift:
    """The PSI of a day's `column` against the `trailing` days before it is at most `max_psi`, or what is usual.

    Usual is half again what the healthy ones of those days showed against each other, so that a Sunday does not
    drift from the days of work. Days of fewer than 100 rows are not judged, nor is a day with fewer than seven
    larger ones before it.
    """

    column: str
    max_psi: float = 0.25
    trailing: int = 28
    severity: str = "warn"

    def __post_init__(self) -> None:
        check_severity(self.severity)
        if number("max_psi", self.max_psi) <= 0 or number("trailing", self.trailing) < LEAST_TRAILING:
            raise DefinitionError(
                f"Drift has max_psi={self.max_psi!r}, trailing={self.trailing!r}.",
                cure=f"Expected 0.25, say, and {LEAST_TRAILING} days or more.",
            )

    @property
    def name(self) -> str:
        """What its asset check is called."""
        return f"drift_{word(self.column)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,)

    @property
    def text(self) -> str:
        """What must hold, in words."""
        bar = f"{self.max_psi:g}, or what is usual"
        return f"the PSI of {self.column} against {self.trailing} days before is at most {bar}"


@dataclass(frozen=True)
class Lateness:
    """At most the share `max` of a day's rows became available later than `within` after their time.

    Without `within` it is the source's `lateness`: how long after its time a row may reach what a query reads.
    """

    within: str | None = None
    max: float = 0.0
    severity: str = "warn"

    def __post_init__(self) -> None:
        check_severity(self.severity)
        if self.within is not None and micros(self.within) < 0:
            raise DefinitionError(f"Lateness has within={self.within!r}.", cure="Expected '2d', say.")
        if not 0 <= number("max", self.max) <= 1:
            raise DefinitionError(f"Lateness has max={self.max!r}.", cure="Expected a share from 0 to 1.")

    @property
    def name(self) -> str:
        """What its asset check is called."""
        return "lateness"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return ("event_time", "available_at")

    @property
    def text(self) -> str:
        """What must hold, in words."""
        within = self.within or "the source's lateness"
        return f"at most {self.max:.2%} of the rows came later than {within} after their time"


Check = NullRate | Range | Freshness | Volume | Unique | Drift | Lateness
LEAST_DAYS = 3
# Of fewer days nobody can say what is usual.
LEAST_TRAILING = 7
