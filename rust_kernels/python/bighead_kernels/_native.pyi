from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeAlias, final

from bighead_kernels.aggregation import AggregationSpec

PROFILE: str

class ArrowArray(Protocol):
    """Anything that hands out an Arrow array or a stream of chunks, such as a Polars Series or a pyarrow Array."""

class ArrowTable(Protocol):
    """Anything that hands out an Arrow record batch or a stream of them, such as a Polars DataFrame."""

# Bytes, or a memoryview of bytes that do not change.
Buffer: TypeAlias = bytes | memoryview

class Array:
    """An Arrow array; `pl.Series(array)` and `pa.array(array)` take it without a copy."""

    def __len__(self) -> int: ...
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...

class RecordBatch:
    """An Arrow record batch; `pl.DataFrame(batch)` and `pa.record_batch(batch)` take it without a copy."""

    num_rows: int
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

class InputError(ValueError):
    """A value or column that a plan cannot use; `row` (from 0) and `column` say where, None where not known."""

    row: int | None
    column: str | None

Category: TypeAlias = str | int | float | bool | None

@final
class Plan:
    """A pipeline lowered to native steps. A missing output is NaN."""

    @staticmethod
    def from_spec(spec_json: str) -> Plan:
        """Read a plan from its JSON; ValueError names the step that cannot mean anything."""
    @property
    def inputs(self) -> list[tuple[str, str, bool]]:
        """The inputs as (name, dtype, nullable)."""
    @property
    def outputs(self) -> list[str]:
        """Names of the outputs."""
    def predict(self, table: ArrowTable) -> RecordBatch:
        """Answer a table as float64 columns, in order; its other columns are ignored. The GIL is released.

        Raises InputError where a column is absent or of the wrong type, or a value is missing that may not be.
        """
    def predict_rows(self, rows: list[dict[str, Any]]) -> list[list[float]]:
        """Answer rows, bit for bit as `predict` would; an absent key or None is missing.

        Raises InputError for a superfluous key, a value of the wrong type, or a missing one that may not be.
        """
    def predict_row(self, row: dict[str, Any]) -> list[float]:
        """Answer one row, as `predict_rows([row])[0]`."""

@final
class TreeExplainer:
    """Trees that say what each input contributed to each margin: exact path-dependent TreeSHAP."""

    @staticmethod
    def from_spec(spec_json: str) -> TreeExplainer:
        """Read a plan's step of trees whose nodes have covers; ValueError where it cannot mean anything."""
    def contributions(self, table: ArrowTable) -> Array:
        """Rows × margins × (inputs + 1) float64 numbers, one after another, the last of each margin the expected one.

        The columns are the inputs in order; null and NaN are missing. InputError for other columns.
        """

@final
class Expression:
    """An expression over single rows, from the JSON of its typed form.

    Kinds are bool, int, float, text, date, timestamp (naive), instant (aware), interval, null and list[…] of these;
    times come and go as Python's, microseconds exact. Nothing fails for a row: what has no value is None.
    """

    def __new__(cls, spec_json: str) -> Expression:
        """Read it; ValueError for primitives and kinds that there are not for single rows."""
    @property
    def inputs(self) -> list[tuple[str, str]]:
        """The columns that a row gives, as (name, kind)."""
    @property
    def kind(self) -> str:
        """The kind of the values."""
    def value(self, row: dict[str, Any]) -> Any:
        """The value in one row; its other columns are ignored.

        Raises KeyError where a column is absent, TypeError where one is of another kind. None is null.
        """
    def values(self, rows: list[dict[str, Any]]) -> list[Any]:
        """The values in rows, as `value` gives them."""

@final
class OnlinePlan:
    """A generation and what is asked of it, by the temporal join; made once, it answers keys by their rows' places.

    Raises ValueError where the join would, and for a generation in several chunks.

    Args:
        generation: The columns that are needed, keys not among them: times, event id, ties, inputs.
        places: For each of these columns, its place in a streamed row.
        event_time, available_at, tie_break, inclusive: As `temporal_join` takes them.
        event_id: The column by which a streamed row from before midnight is one of the generation's.
        aggregations: The outputs' and those that tell what contributed to them, in the types of `temporal_join`.
        numbers: (name, column of truth values that it holds as 0 and 1).
        times: (name, column for whose values that count it holds the event time in µs).
        outputs: (name, aggregation of its value, aggregation that tells what contributed, what an empty window gives).
        max_age: µs beyond which the newest contributing event is stale; None where contributions are counted.
        keeps_stale: Whether stale values stay.
    """

    def __new__(
        cls,
        generation: ArrowTable,
        *,
        places: list[int],
        event_time: str,
        available_at: str | None,
        event_id: str | None,
        tie_break: list[str],
        aggregations: list[AggregationSpec],
        numbers: list[tuple[str, str]],
        times: list[tuple[str, str]],
        outputs: list[tuple[str, str, str, Any]],
        inclusive: bool,
        max_age: int | None,
        keeps_stale: bool,
    ) -> OnlinePlan: ...
    def answer(
        self,
        ranges: Sequence[bytes | None],
        tail: Sequence[bytes],
        tail_keys: list[int],
        questions: list[int | None],
        *,
        at: int,
        midnight: int,
        stale: bool,
        features: list[dict[str, Any]],
        statuses: list[dict[str, str]],
    ) -> None:
        """Add the values and the statuses that are not plainly present to each question's dict.

        Keys are numbers from 0 on. `ranges` has each key's rows in the generation as two little-endian integers of 64
        bits, offset and length, None where there are none; `tail` streamed rows, MessagePack arrays of plain values,
        of the keys `tail_keys`; `questions` the key of each question, None where it has a null. Times are UTC µs;
        `stale` makes all values null and stale. An empty dict of features is replaced by a new one. ValueError for
        what the join refuses and for a row of other types; nothing is added then.
        """

def digests(keys: Sequence[Sequence[str | int | bool | None]], /) -> list[bytes]:
    """16 bytes for each key: BLAKE2b of its values as a MessagePack array.

    Raises TypeError for values of other types, OverflowError for integers beyond 64 bits.
    """

def digest_rows(table: ArrowTable, /) -> bytes:
    """The `digests` of the rows of a table, one after another, 16 bytes each.

    Raises TypeError for columns that are not numbers, text, truths or nulls.
    """

def pack_rows(table: ArrowTable, /) -> list[bytes]:
    """Each row as a MessagePack array of plain values; TypeError as `digest_rows`."""

def build_ids(digests: bytes, arrivals: list[int], /) -> bytes:
    """A run of ids: digests of 16 bytes each, one after another, and when each arrived (UTC µs).

    Of an id that comes twice the last counts. Runs are values of an index: they never change, and are merged.
    ValueError, here and below, for what is no run, and for digests and other values that differ in number.
    """

def find_ids(runs: Sequence[Buffer], digests: bytes, /) -> list[int]:
    """The numbers of the digests that are in any run of ids."""

def merge_ids(runs: Sequence[Buffer], /) -> bytes:
    """One run of several, the oldest first; of an id that is in many the last arrival counts. The GIL is released."""

def forget_ids(run: Buffer, before: int, /) -> tuple[bytes, int]:
    """A run of ids without those that arrived before an instant (UTC µs), and how many these were."""

def build_ranges(digests: bytes, rows: list[int], /) -> bytes:
    """A run of ranges: the digests of different keys, 16 bytes each, and how many rows each has, one after another."""

def find_ranges(run: Buffer, keys: Sequence[bytes], /) -> list[bytes | None]:
    """The range of each key that is in a run: two little-endian integers of 64 bits, first row and how many."""

def build_tail(digests: bytes, times: list[int], rows: list[bytes], /) -> bytes:
    """A run of rows: the digest of the key of each, 16 bytes each, its time (UTC µs) and its bytes, in any order."""

def find_rows(
    runs: Sequence[Buffer], keys: Sequence[bytes], first: int | None, last: int, /
) -> tuple[list[bytes], list[int]]:
    """The bytes of the rows of keys with first ≤ time ≤ last, and the number of each one's key.

    They come by key, by time, and those of one time in the order of the runs and of what these were made of.
    """

def merge_tails(runs: Sequence[Buffer], /) -> bytes:
    """One run of several runs of rows, the oldest first. The GIL is released."""

def rows_before(run: Buffer, before: int, /) -> tuple[list[int], list[bytes]]:
    """The numbers and the bytes of the rows of a run before an instant (UTC µs)."""

def drop_rows(run: Buffer, gone: set[int], /) -> bytes:
    """A run of rows without those of some numbers."""

@final
class TextFunction:
    """A function of a text that answers a text."""

    @staticmethod
    def from_spec(spec_json: str) -> TextFunction:
        """Read it from its JSON; ValueError says what cannot be, as a pattern that is none."""
    def apply(self, array: ArrowArray) -> Array:
        """Apply it to a column of texts, as large_string; null stays null. The GIL is released.

        Raises ValueError for a column that is no text.
        """

@final
class ImageProgram:
    """Steps on images (JPEG, PNG, binary PNM as bytes), and what is answered: bytes, tensors of float32, or texts."""

    @staticmethod
    def from_spec(spec_json: str) -> ImageProgram:
        """Read it from its JSON; ValueError says what cannot be."""
    def run(self, array: ArrowArray) -> tuple[Array, list[tuple[int, str]]]:
        """Run it over a column on all cores, the GIL released; refused rows are null, and listed with the reason.

        Raises ValueError for a column that is no bytes.
        """

@final
class TextComparison:
    """A number of two texts."""

    @staticmethod
    def from_spec(spec_json: str) -> TextComparison:
        """Read it from its JSON; ValueError says what cannot be."""
    def compare(self, one: ArrowArray, other: ArrowArray) -> Array:
        """Compare two columns of texts row by row, as float64; null where one of them is. The GIL is released.

        Raises ValueError for columns that are no texts, or not as long as each other.
        """

@final
class TextTerms:
    """The terms of texts."""

    @staticmethod
    def from_spec(spec_json: str) -> TextTerms:
        """Read it from its JSON; ValueError says what cannot be."""
    def lists(self, array: ArrowArray) -> Array:
        """A large_list of large_string for each text; null stays null. The GIL is released.

        Raises ValueError for a column that is no text.
        """

def text_statistics(array: ArrowArray) -> RecordBatch:
    """Numbers about texts, a float64 column each, null for a missing text. The GIL is released.

    Raises ValueError for a column that is no text.
    """

@final
class TextHashing:
    """Sparse vectors of texts, their terms placed by hash."""

    @staticmethod
    def from_spec(spec_json: str) -> TextHashing:
        """Read it from its JSON; ValueError says what cannot be."""
    def vectors(self, array: ArrowArray) -> Array:
        """A large_list of {index: uint32, value: float64} for each text, indices ascending; null stays null.

        Raises ValueError for a column that is no text. The GIL is released.
        """

@final
class TextVectors:
    """Sparse vectors of texts by a vocabulary that was learnt of a column."""

    @staticmethod
    def learn(spec_json: str, array: ArrowArray) -> tuple[TextVectors, Array]:
        """Learn the terms of a column of texts, and return its vectors too. The GIL is released.

        Raises ValueError for a column that is no text, or of which no term is left.
        """
    @staticmethod
    def restore(
        spec_json: str,
        terms: ArrowArray,
        documents: Sequence[int],
        weights: Sequence[float],
        texts: tuple[int, float],
    ) -> TextVectors:
        """Take up what `terms`, `documents`, `weights` and `texts` answered; ValueError where they do not fit."""
    def terms(self) -> Array:
        """The terms in order, as large_string: the place of a term is its index."""
    def documents(self) -> Array:
        """In how many texts each term was, as uint64."""
    def weights(self) -> Array:
        """What each term counts (its idf), as float64."""
    def texts(self) -> tuple[int, float]:
        """How many texts there were, missing ones aside, and the mean number of their terms."""
    def vectors(self, array: ArrowArray) -> Array:
        """A large_list of {index: uint32, value: float64} for each text, indices ascending; null stays null.

        Raises ValueError for a column that is no text. The GIL is released.
        """

def mean_std(array: ArrowArray) -> tuple[float, float, int]:
    """Mean, population standard deviation and count of what is neither null nor NaN; NaN where nothing is.

    Raises ValueError for columns that are not numbers and for ±Inf.
    """

def fill(array: ArrowArray, value: float | str) -> Array:
    """Replace null (and NaN, among numbers) by a value: float64 for numbers, large_string for strings."""

def affine(array: ArrowArray, center: float, scale: float) -> Array:
    """(x - center) / scale as float64; null stays null, NaN stays NaN."""

def one_hot(array: ArrowArray, categories: Iterable[Category]) -> RecordBatch:
    """One uint8 column of 0 and 1 per category, named "0", "1", … by its place; other values give zeros."""

def index(array: ArrowArray, categories: Iterable[Category], unknown: int | None = None) -> Array:
    """Place of each value among the categories as int64; other values become `unknown`, None being null."""

def hash_buckets(array: ArrowArray, buckets: int, seed: int = 0) -> Array:
    """XXH3 (64 bits) of each string, or of an integer's digits, modulo `buckets`, as int64; null stays null."""

def log_single(mean: float) -> float:
    """Natural logarithm in single precision, as XGBoost computes it from `base_score`."""

def logit_single(probability: float) -> float:
    """Margin of a probability in single precision, as XGBoost computes it from `base_score`."""

class Table:
    """An Arrow table; `pl.DataFrame(table)` and `pa.table(table)` take it without a copy."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

def temporal_join(
    events: ArrowTable,
    rows: ArrowTable,
    *,
    keys: list[str],
    event_time: str,
    available_at: str | None,
    timestamp: str,
    tie_break: list[str],
    aggregations: list[AggregationSpec],
    inclusive: bool = False,
    available_to: str | None = None,
) -> tuple[Table, dict[str, Any]]:
    """Aggregate, for each row (key, t), the events of its key in a window before t.

    A value is `op{e : start(t) ≤ event_time ◁ t and available_at ◁ t}` with `available_at := max(event_time,
    available_at)`, and not `available_to ◁ t` where that is given; ◁ is `<`, or `≤` for all if `inclusive`. Null
    inputs are skipped, NaN and infinities are skipped and counted, −0.0 counts as +0.0. An empty window has count 0
    and is null otherwise; a null in the key makes all null.

    Args:
        events: One row an event, in any order, in any number of chunks.
        rows: One row a question, in any order.
        keys: Key columns of the same names and kinds in both tables, compared as tuples; none makes one key of all.
        event_time: When an event happened: timestamp in microseconds, or int64 microseconds. Never null.
        available_at: When it could be known; None where that is `event_time`.
        timestamp: The column t of `rows`.
        tie_break: Columns that order events of equal (event time, available at), where the order counts; nulls first.
        aggregations: A dict an output; `AggregationSpec` tells the operations and windows there are.
        inclusive: Take ◁ as ≤.
        available_to: From when on an event no longer counts in any operation, of the types of `event_time`; null is
            for ever. It costs what late arrivals do, for the keys that have any.

    Returns:
        A table with a column an aggregation and a row a question, in the order of `rows`, and a report:
        `non_finite` inputs skipped by column, `overflow` sums that did not fit by aggregation, `matched_rows`.
        Counts and integers come as int64, floats and averages as float64, text, times and truth values as such,
        several values as lists of these, histograms as lists of {key, value}.

    Raises:
        ValueError: an unknown column, operation or window, a parameter that lacks, a type that cannot serve, or a null
            time.
    """
