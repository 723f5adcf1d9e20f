"""The one table of operators and functions: what each takes, what it gives, which primitive computes it.

A signature reads `primitive(kinds) -> kind`. `T` stands for any kind and `S` for any that has an order, the same in all
places; `...` repeats the last argument. `unit`, `part`, `zone`, `format`, `like`, `pattern` and `constant` are texts
that are written in the expression itself. The table of docs/expressions.md is this one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SIGNATURE = re.compile(r"(?P<primitive>\w+)\((?P<takes>[^)]*)\) -> (?P<gives>\S+)")
# Texts that an expression must spell out, for they choose what is computed.
SPELLED = frozenset({"unit", "zone", "format", "like", "ilike", "pattern", "constant", "iso", "span"})


@dataclass(frozen=True)
class Signature:
    """What one primitive takes and gives."""

    primitive: str
    takes: tuple[str, ...]
    gives: str
    repeats: bool

    @property
    def text(self) -> str:
        """The kinds, as `int, int → int`."""
        return f"{', '.join(self.takes)}{'…' if self.repeats else ''} → {self.gives}"


@dataclass(frozen=True)
class Function:
    """An operator or function under its names; `says` what it gives where that is not plain."""

    names: tuple[str, ...]
    signatures: tuple[Signature, ...]
    says: str


def _signature(text: str) -> Signature:
    found = _SIGNATURE.fullmatch(text.strip())
    assert found, text
    takes, repeats = found["takes"], found["takes"].endswith("...")
    return Signature(
        found["primitive"], tuple(takes.removesuffix("...").split(", ")), found["gives"], repeats
    )


def _rows(table: str) -> list[Function]:
    rows = [[cell.strip() for cell in line.split("|", 2)] for line in table.strip().splitlines()]
    made = []
    for names, signatures, says in rows:
        spelled = tuple("||" if name == "BARS" else name for name in names.split(" "))
        made.append(Function(spelled, tuple(_signature(each) for each in signatures.split(";")), says))
    return made


_LOGIC = """
and | and(bool...) -> bool | false wins over null
or | or(bool...) -> bool | true wins over null
not | not(bool) -> bool |
= | eq(S, S) -> bool | NaN equals NaN, and 0.0 equals -0.0
<> | ne(S, S) -> bool |
< | lt(S, S) -> bool | NaN is the largest float; text is compared by code points
<= | le(S, S) -> bool |
> | gt(S, S) -> bool |
>= | ge(S, S) -> bool |
in | in(S, S...) -> bool | `x = a OR x = b …`
is_null | is_null(T) -> bool | `x IS NULL`, never null itself
coalesce ifnull | coalesce(T...) -> T | the first that is not null
"""
_NUMBERS = """
+ | add_int(int, int) -> int; add_float(float, float) -> float; add_int(interval, interval) -> interval; \
add_time(timestamp, interval) -> timestamp; add_time(instant, interval) -> instant; \
add_time(interval, timestamp) -> timestamp; add_time(interval, instant) -> instant | null on overflow
- | sub_int(int, int) -> int; sub_float(float, float) -> float; sub_int(interval, interval) -> interval; \
sub_time(timestamp, interval) -> timestamp; sub_time(instant, interval) -> instant; \
sub_int(timestamp, timestamp) -> interval; sub_int(instant, instant) -> interval | null on overflow
* | mul_int(int, int) -> int; mul_float(float, float) -> float; mul_int(interval, int) -> interval; \
mul_int(int, interval) -> interval | null on overflow
/ | div(float, float) -> float | true division; null where the divisor is 0
// | floordiv_int(int, int) -> int; floordiv_float(float, float) -> float | floor(a / b); null where the divisor is 0
% mod | mod_int(int, int) -> int; mod_float(float, float) -> float | a - b * (a // b), of the sign of b; \
null where the divisor is 0
neg | neg_int(int) -> int; neg_float(float) -> float; neg_int(interval) -> interval | `-x`; null on overflow
abs | abs_int(int) -> int; abs_float(float) -> float; abs_int(interval) -> interval | null on overflow
sign | sign_int(int) -> int; sign_float(float) -> float | -1, 0 or 1; NaN of NaN
round | same(int) -> int; round(float) -> float; round_to(float, constant) -> float | half to even; \
to so many decimal places, 0 to 15
floor | same(int) -> int; floor(float) -> float |
ceil ceiling | same(int) -> int; ceil(float) -> float |
greatest | greatest(S...) -> S | of those that are not null
least | least(S...) -> S | of those that are not null
sqrt | sqrt(float) -> float | NaN below 0
exp | exp(float) -> float |
ln | ln(float) -> float | -inf of 0, NaN below 0
log10 | log10(float) -> float | exact for powers of ten
pow power | pow(float, float) -> float |
sin | sin(float) -> float | of radians
cos | cos(float) -> float | of radians
tan | tan(float) -> float | of radians
atan2 | atan2(float, float) -> float | angle of (x, y) in radians, as atan2(y, x)
is_nan | is_nan(float) -> bool |
is_finite | is_finite(float) -> bool | neither NaN nor infinite
"""
_TEXTS = """
lower | lower(text) -> text |
upper | upper(text) -> text |
trim | trim(text) -> text | without white space at both ends
ltrim | ltrim(text) -> text |
rtrim | rtrim(text) -> text |
length len char_length | length(text) -> int; list_length(list[T]) -> int | code points, not bytes
substr substring | substr_from(text, int) -> text; substr(text, int, int) -> text | from place 1 on, so many; places \
before 1 count and hold nothing; null for a negative length
BARS | join(text, text) -> text | null where one is null
concat | concat(text...) -> text | nulls are left out
replace | replace(text, constant, constant) -> text | each occurrence
starts_with | starts_with(text, text) -> bool |
ends_with | ends_with(text, text) -> bool |
contains | contains(text, text) -> bool | the text itself, no pattern
split_part | split_part(text, constant, int) -> text | the n-th part from 1, from the end below 0; empty beyond
like | regexp_like(text, like) -> bool | `%`: any text, `_`: one code point; there is no escape: see contains
ilike | regexp_like(text, ilike) -> bool | whatever the case
regexp_like | regexp_like(text, pattern) -> bool | a match anywhere, in the syntax of Rust's regex
"""
_TIMES = """
year | year(timestamp) -> int; year(instant) -> int | as `EXTRACT(YEAR FROM x)`; instants in UTC
quarter | quarter(timestamp) -> int; quarter(instant) -> int | 1 to 4
month | month(timestamp) -> int; month(instant) -> int | 1 to 12
day | day(timestamp) -> int; day(instant) -> int | of the month
hour | hour(timestamp) -> int; hour(instant) -> int |
minute | minute(timestamp) -> int; minute(instant) -> int |
second | second(timestamp) -> int; second(instant) -> int | whole seconds
dow dayofweek | dow(timestamp) -> int; dow(instant) -> int | Sunday is 0
isodow | isodow(timestamp) -> int; isodow(instant) -> int | Monday is 1, Sunday 7
doy dayofyear | doy(timestamp) -> int; doy(instant) -> int | from 1
epoch | epoch(timestamp) -> float; epoch(instant) -> float; epoch(interval) -> float | seconds since 1970, \
or of a span
date_trunc | trunc_date(unit, date) -> date; trunc(unit, timestamp) -> timestamp; trunc(unit, instant) -> instant | \
the start of its unit: microsecond, …, week (from Monday), month, quarter, year
date_diff datediff | date_diff(unit, timestamp, timestamp) -> int; date_diff(unit, instant, instant) -> int | \
how many starts of units lie after a, up to b
strptime | parse_time(text, format) -> timestamp | of %Y %m %d %H %M %S %f %F %T (%z: to_timestamp); \
null where the text is of another form
to_timestamp | parse_instant(text, format) -> instant; parse_local(text, format, zone) -> instant; \
from_epoch(int) -> instant; from_epoch_float(float) -> instant | \
a text with %z, or read in a zone; or seconds since 1970
at_time_zone | to_instant(timestamp, zone) -> instant; to_local(instant, zone) -> timestamp | \
`x AT TIME ZONE 'Europe/Paris'`; null for local times that a zone's clocks show twice or never
literal_date | literal(iso) -> date | `DATE '2013-01-01'`
literal_timestamp | literal(iso) -> timestamp | `TIMESTAMP '2013-01-01 10:00:00'`
literal_timestamptz | literal(iso) -> instant | `TIMESTAMPTZ '2013-01-01 10:00:00Z'`
literal_interval | literal(span) -> interval | `INTERVAL '1 day 2 hours'`, of weeks at most
"""
_LISTS = """
cardinality array_length | list_length(list[T]) -> int |
element array_get | element(list[T], int) -> T | `xs[1]` is the first, `xs[-1]` the last; null beyond
array_contains list_contains | array_contains(list[S], S) -> bool |
"""
GROUPS: dict[str, list[Function]] = {
    "Logic": _rows(_LOGIC),
    "Numbers": _rows(_NUMBERS),
    "Text": _rows(_TEXTS),
    "Times": _rows(_TIMES),
    "Lists": _rows(_LISTS),
}
FUNCTIONS: dict[str, Function] = {
    name: function for group in GROUPS.values() for function in group for name in function.names
}
