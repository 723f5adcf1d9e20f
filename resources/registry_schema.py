"""The registry's tables, and how a database is opened. Portable SQL: SQLite here, PostgreSQL by its URL.

Times are whole UTC microseconds in BIGINT columns. What may only grow (`alias_events`, `audit`) is guarded by
triggers. At most one promotion of a model is open: a partial unique index says so.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UtcMicroseconds(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970-01-01T00:00Z."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the microseconds of an aware datetime.

        Raises:
            ValueError: the datetime has no time zone, so it names no instant.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; give an instant in UTC")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the aware datetime of microseconds."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = MetaData()
# SQLite numbers rows only in INTEGER columns.
_Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[Any]:
    return Column("id", _Id, primary_key=True, autoincrement=True)


def _time(name: str, nullable: bool = False) -> Column[Any]:
    return Column(name, UtcMicroseconds, nullable=nullable)


def _of(name: str, table: str, nullable: bool = False) -> Column[Any]:
    return Column(name, _Id, ForeignKey(f"{table}.id"), nullable=nullable)


def _text(name: str, default: str | None = None) -> Column[Any]:
    return Column(name, Text, nullable=False, default=default)


schema_versions = Table("registry_schema", metadata, Column("version", Integer, primary_key=True))

models = Table(
    "models",
    metadata,
    _id(),
    Column("name", String(200), nullable=False, unique=True),
    _text("owner"),
    _text("team"),
    Column("config", JSON, nullable=False),
    _time("created_at"),
)

versions = Table(
    "versions",
    metadata,
    _id(),
    _of("model_id", "models"),
    Column("code_version", String(200), nullable=False),
    _time("created_at"),
    UniqueConstraint("model_id", "code_version"),
)

artifacts = Table(
    "artifacts",
    metadata,
    _id(),
    _of("model_id", "models"),
    _of("version_id", "versions"),
    Column("number", Integer, nullable=False),
    Column("content_hash", String(128), nullable=False),
    Column("partition", String(200), nullable=False),
    _text("location"),
    _time("data_start"),
    _time("data_end"),
    Column("metrics", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    _time("created_at"),
    _time("released_at", nullable=True),
    UniqueConstraint("model_id", "number"),
    UniqueConstraint("model_id", "content_hash", "partition"),
)

checks = Table(
    "checks",
    metadata,
    _id(),
    _of("artifact_id", "artifacts"),
    Column("name", String(200), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("detail", JSON, nullable=False),
    _time("at"),
    Index("checks_newest", "artifact_id", "name", "id"),
)

promotions = Table(
    "promotions",
    metadata,
    _id(),
    _of("model_id", "models"),
    _of("artifact_id", "artifacts"),
    Column("kind", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    _text("actor"),
    _text("reason"),
    Column("forced", Boolean, nullable=False),
    # Who drives it: a token drawn per attempt, so that a process thought dead cannot commit any more.
    Column("holder", String(64), nullable=False),
    _time("held_until"),
    _time("started_at"),
    _time("finished_at", nullable=True),
    _text("detail", default=""),
    Column("gateways", JSON, nullable=False, default=list),
    Column("missing", JSON, nullable=False, default=list),
)
_open = text("status IN ('verifying', 'promoting')")
Index("one_open_promotion", promotions.c.model_id, unique=True, sqlite_where=_open, postgresql_where=_open)

alias_events = Table(
    "alias_events",
    metadata,
    _id(),
    _of("model_id", "models"),
    Column("alias", String(50), nullable=False),
    _of("previous_artifact_id", "artifacts", nullable=True),
    _of("artifact_id", "artifacts"),
    _of("promotion_id", "promotions"),
    _time("at"),
    Index("alias_events_newest", "model_id", "alias", "id"),
)

gateways = Table(
    "gateways",
    metadata,
    Column("id", String(200), primary_key=True),
    _text("url"),
    Column("lease_seconds", Float, nullable=False),
    _time("renewed_at"),
    _time("expires_at"),
    Column("serving", JSON, nullable=False),
    Column("ready", JSON, nullable=False),
    Column("epochs", JSON, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    _time("at"),
    _text("actor"),
    Column("action", String(50), nullable=False),
    Column("model", String(200), nullable=False),
    Column("number", Integer, nullable=True),
    Column("detail", JSON, nullable=False),
    Index("audit_of_model", "model", "id"),
)


def finite_json(value: Any) -> str:
    """Return JSON text; NaN and infinity, which JSON lacks and PostgreSQL refuses, become null.

    >>> finite_json({"auc": float("nan"), "by": [0.5, float("inf")]})
    '{"auc": null, "by": [0.5, null]}'
    """
    return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def _ddl(statement: str, dialect: str) -> Any:
    # DDL formats its text with %: there is nothing to fill in.
    return DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]


for _table in (alias_events, audit):
    _says = f"{_table.name} is append-only"
    for _verb in ("UPDATE", "DELETE"):
        _trigger = f"CREATE TRIGGER {_table.name}_no_{_verb.lower()} BEFORE {_verb} ON {_table.name}"
        event.listen(
            _table, "after_create", _ddl(f"{_trigger} BEGIN SELECT RAISE(ABORT, '{_says}'); END", "sqlite")
        )
    _refuse = f"{_table.name}_is_append_only"
    for _statement in (
        f"CREATE OR REPLACE FUNCTION {_refuse}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_says}'; END $$",
        # A statement's trigger refuses TRUNCATE too, which fires none of a row.
        f"CREATE TRIGGER {_table.name}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {_table.name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_refuse}()",
    ):
        event.listen(_table, "after_create", _ddl(_statement, "postgresql"))
