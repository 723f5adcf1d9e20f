"""Changes of a source's schema: told exactly, and refused where the set uses what changed."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features import Aggregation, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.quality.upstream import (
    compare_schemas,
    last_changes,
    look_upstream,
    record_schema,
    used_columns,
)
from bighead.resources.profile_store import FileProfileStore

AT = datetime(2024, 1, 5, tzinfo=UTC)
BEFORE = {"home": pl.String, "ts": pl.Datetime("us", "UTC"), "nights": pl.Int64, "note": pl.String}


class Tables:
    """A warehouse of one table without rows, whose schema a test changes."""

    def __init__(self, schema):
        self.schema = dict(schema)

    def scan(self, table):
        return pl.LazyFrame(schema=self.schema)

    def fingerprint(self, table):
        return table


def stays(version=1, only=None, **source) -> FeatureSet:
    given = {"table": "stays", "event_time": "ts", **source}
    return FeatureSet(
        name="stays",
        owner="team:homes",
        keys=["home"],
        source=EventSource(**given),
        aggregations=[Aggregation("nights", "sum", windows=["7d"], where=only, name=only and "some")],
        version=version,
    )


@pytest.fixture
def profiles(tmp_path):
    return FileProfileStore(tmp_path)


@pytest.fixture
def read(profiles):
    """A table that was read once."""
    tables = Tables(BEFORE)
    record_schema(stays(), look_upstream(stays(), tables, profiles, AT), profiles, AT)
    return tables


def test_what_was_read_first_or_stayed_as_it_was_is_no_change(read, profiles):
    assert look_upstream(stays(), read, profiles, AT).changes == ()
    assert last_changes(profiles, "stays") == ()


def test_changes_of_columns_that_are_not_used_are_told_once(read, profiles):
    read.schema = {**BEFORE, "note": pl.Int64, "city": pl.String}
    seen = look_upstream(stays(), read, profiles, AT)
    told = ["stays.note: type changed from String to Int64", "stays.city: added (String)"]
    assert [each.text for each in seen.changes] == told
    record_schema(stays(), seen, profiles, AT)
    assert [each.text for each in last_changes(profiles, "stays")] == told
    again = look_upstream(stays(), read, profiles, AT)
    record_schema(stays(), again, profiles, AT)
    assert last_changes(profiles, "stays") == ()
    history = profiles.noted("features", "stays", "schema")["history"]
    assert history == [{"at": AT.isoformat(), "refused": False, "changes": told}]


def test_a_removed_column_that_is_used_is_refused_with_the_difference(read, profiles):
    del read.schema["nights"], read.schema["note"]
    for _ in range(2):
        with pytest.raises(SchemaError, match=r"stays\.nights: removed \(Int64\) \(and 1 columns") as seen:
            look_upstream(stays(), read, profiles, AT)
    assert "version=2" in seen.value.cure
    [entry] = profiles.noted("features", "stays", "schema")["history"]
    assert entry["refused"]
    read.schema = dict(BEFORE)
    assert look_upstream(stays(), read, profiles, AT).changes == (), "the baseline stays"


def test_another_type_is_refused_until_the_definition_accepts_it(read, profiles):
    read.schema["nights"] = pl.String
    with pytest.raises(SchemaError, match=r"stays\.nights: type changed from Int64 to String"):
        look_upstream(stays(), read, profiles, AT)
    for accepting in (stays(version=2), stays(select={"nights": "CAST(nights AS INT)"})):
        seen = look_upstream(accepting, read, profiles, AT)
        assert [each.what for each in seen.changes] == ["type changed"]


def test_a_removed_column_is_refused_whatever_the_definition_says_while_it_reads_it(read, profiles):
    del read.schema["nights"]
    with pytest.raises(SchemaError, match="removed"):
        look_upstream(stays(version=2), read, profiles, AT)


@pytest.mark.parametrize(
    ("definition", "used"),
    [
        (stays(), {"home", "ts", "nights"}),
        (stays(select={"nights": "len(note)"}), {"home", "ts", "note"}),
        (stays(only="note = 'x'"), {"home", "ts", "nights", "note"}),
        (stays(where="note = 'nights'", available_at="ts"), {"home", "ts", "nights", "note"}),
        (
            stays(table="", query="SELECT Home, TS, 1 AS nights FROM stays", dependencies=["stays"]),
            {"home", "ts", "nights"},
        ),
        (
            FeatureSet(
                name="s",
                owner="t",
                keys=["home"],
                columns=["note"],
                source=EntitySource("stays", snapshot="ts"),
            ),
            {"home", "ts", "note"},
        ),
    ],
)
def test_what_is_used_is_read_off_the_definition(definition, used):
    assert used_columns(definition, list(BEFORE)) == used


def test_only_tables_that_were_recorded_are_compared():
    assert compare_schemas(stays(), {}, {"stays": {"nights": "Int64"}}) == ()
    gone = compare_schemas(stays(), {"stays": {"nights": "Int64"}, "old": {"x": "Int64"}}, {"stays": {}})
    assert [each.column for each in gone] == ["nights"]
