"""What only a database server can do to the registry: drop connections, hold locks, refuse."""

from __future__ import annotations

import psycopg
import pytest

from bighead.pipeline_lib.errors import ConflictError, StoreError
from bighead.resources import registry_database
from bighead.resources.registry_store import RegistryStore


@pytest.fixture
def url(registry_url):
    return registry_url


pytestmark = pytest.mark.parametrize("registry_url", ["postgres"], indirect=True)


def test_both_spellings_of_the_scheme_reach_it(url):
    RegistryStore(url.replace("postgresql:", "postgres:")).ensure_model("m", "a", "", {})
    assert RegistryStore(url.replace("postgresql:", "postgresql+psycopg:")).model("m").owner == "a"


def test_connections_that_the_server_dropped_are_opened_anew(url):
    store = RegistryStore(url)
    store.ensure_model("m", "a", "", {})
    with psycopg.connect(url, autocommit=True) as connection:
        dropped = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert dropped
    assert store.model("m").owner == "a"
    store.close()


def test_a_writer_that_holds_the_registry_too_long_is_told(url, monkeypatch):
    store = RegistryStore(url)
    monkeypatch.setattr(registry_database, "BUSY_SECONDS", 1)
    with psycopg.connect(url) as connection:
        connection.execute(f"SELECT pg_advisory_xact_lock({registry_database._WRITERS_LOCK})")
        with pytest.raises(ConflictError, match="locked by another writer for 1 s"):
            store.ensure_model("m", "a", "", {})
    store.ensure_model("m", "a", "", {})
    store.close()


def test_a_reader_sees_one_state_though_writers_go_on(url):
    store = RegistryStore(url)
    store.ensure_model("m", "a", "", {})
    with store._database.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM models").scalar()
        store.ensure_model("n", "a", "", {})
        assert connection.exec_driver_sql("SELECT count(*) FROM models").scalar() == before
    assert len(store.models()) == 2
    store.close()


def test_a_server_that_is_not_there_is_named_without_the_password(url):
    with pytest.raises(StoreError, match="the registry cannot be used") as refused:
        RegistryStore("postgresql://bighead:secret@127.0.0.1:1/none?connect_timeout=2")
    assert "secret" not in str(refused.value)
