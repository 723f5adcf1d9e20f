"""Rows that change, of a set with a stream: online they are mutations, which become versions when they are read.

A version cannot be kept: one more mutation, however late, may close it, open another, or move it to another key.
So generation and tail hold mutations by the row's id, and under each key the ids of rows that have it, or had it in the
tail. A key is answered from the mutations of those rows, by the `versions` that made the stored days.

A generation answers from its midnight on, when all that it holds is known: so of each row it holds the last moment, and
under a key the rows that hold there within the longest window. What it holds, or overtakes, leaves the tail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import polars as pl

from bighead.pipeline_lib.features import EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID, KNOWN
from bighead.pipeline_lib.point_in_time.clean_mutations import (
    last_of_rows,
    mutation_columns,
    shown,
    versions_of,
)
from bighead.pipeline_lib.point_in_time.key_digest import digests_of
from bighead.resources.online_rows import EPOCH, MICROSECOND, columns_of, pack, unpack

_FIRST = datetime(1, 1, 3, tzinfo=UTC)


def is_mutable(feature_set: FeatureSet) -> bool:
    """Whether the online store holds mutations of a set's rows in place of rows."""
    source = feature_set.source
    return isinstance(source, EventSource) and source.stream is not None and source.retracts


def stored_columns(feature_set: FeatureSet) -> list[str]:
    """Return the columns of what the online store holds of a set, in order."""
    return mutation_columns(feature_set) if is_mutable(feature_set) else columns_of(feature_set)


def by_row(feature_set: FeatureSet, mutations: pl.DataFrame) -> pl.DataFrame:
    """Return what a generation keeps of mutations: those of a row together, and rows of a key side by side."""
    homes = [
        pl.col(key).drop_nulls().first().over(EVENT_ID).alias(f"__home_{key}") for key in feature_set.keys
    ]
    kept = last_of_rows(mutations.select(mutation_columns(feature_set)), feature_set)
    sorted_by_home = kept.with_columns(homes).sort(
        [*(home.meta.output_name() for home in homes), EVENT_ID, KNOWN]
    )
    return sorted_by_home.select(kept.columns)


def row_ranges(mutations: pl.DataFrame) -> Iterator[tuple[bytes, int, int]]:
    """Yield (digest of the id, offset, length) of each row of mutations that `by_row` ordered."""
    counted = mutations.select(EVENT_ID).group_by(EVENT_ID, maintain_order=True).len()
    offset = 0
    for each, length in zip(digests_of(counted.select(EVENT_ID).rows()), counted["len"], strict=True):
        yield each, offset, length
        offset += length


def owners(feature_set: FeatureSet, mutations: pl.DataFrame) -> list[tuple[bytes, bytes]]:
    """Return (digest of a key, digest of the id of a row that has or had it), each once, in order of the rows."""
    keys = list(feature_set.keys)
    pairs = mutations.select(*keys, EVENT_ID).drop_nulls(keys).unique(maintain_order=True)
    return list(
        zip(digests_of(pairs.select(keys).rows()), digests_of(pairs.select(EVENT_ID).rows()), strict=True)
    )


def id_and_known(mutations: pl.DataFrame) -> list[tuple[bytes, int]]:
    """Return the digest of each mutation's id, and its available_at (UTC µs)."""
    found = digests_of(mutations.select(EVENT_ID).rows())
    return list(zip(found, mutations[KNOWN].dt.epoch("us"), strict=True))


def ids_by_key(feature_set: FeatureSet, mutations: pl.DataFrame) -> dict[bytes, list[bytes]]:
    """Return the digests of the ids of the rows that have or had a key, by the digest of the key."""
    found: dict[bytes, list[bytes]] = {}
    for key, each in owners(feature_set, mutations):
        found.setdefault(key, []).append(each)
    return found


def shown_from(feature_set: FeatureSet, mutations: pl.DataFrame, midnight: int) -> pl.DataFrame:
    """Return those mutations of a generation that may show a row under their key from its midnight (UTC µs) on."""
    span = feature_set.max_window
    earliest = (EPOCH - _FIRST) // MICROSECOND
    reaches = span is not None and midnight - span > -earliest
    start = EPOCH + (midnight - (span or 0)) * MICROSECOND if reaches else None
    return mutations.filter(shown(mutations, feature_set, start))


def dispensable(
    feature_set: FeatureSet, generation: pl.DataFrame, midnight: int, streamed: Sequence[bytes]
) -> set[bytes]:
    """Return the streamed mutations without which a generation answers alike from its midnight on.

    Args:
        feature_set: Whose they are.
        generation: What it holds.
        midnight: In UTC µs.
        streamed: Packed mutations.
    """
    early = unpack(list(streamed), generation.schema)
    early = early.filter(early[KNOWN].dt.epoch("us") < midnight)
    held = set(pack(generation))
    last = last_of_rows(pl.concat([generation, early]), feature_set)
    return (set(pack(early)) - set(pack(last))) | (set(pack(early)) & held)


def rows_now(
    feature_set: FeatureSet, mutations: Sequence[pl.DataFrame], keys: Sequence[Sequence[object]]
) -> pl.DataFrame:
    """Return the versions of all rows of keys, from all mutations of these rows, in any order and with copies."""
    together = pl.concat(mutations) if len(mutations) > 1 else mutations[0]
    # Images may be under way yet: what contradicts now may not when they are there.
    found = versions_of(together, feature_set, repr(feature_set.name), check_images=False)
    asked = pl.DataFrame(list(keys), schema=found.select(feature_set.keys).schema, orient="row")
    return found.join(asked.unique(), on=list(feature_set.keys), how="semi")
