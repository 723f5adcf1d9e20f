"""What `bighead dev --with` starts, and what it says where it cannot."""

from __future__ import annotations

import pytest
import redis

from bighead.cli import kafka_broker, twins
from bighead.cli.kafka_broker import VERSION
from bighead.pipeline_lib.errors import StoreError, UnknownNameError
from bighead.resources.settings import Settings


def test_redis_runs_over_a_folder_and_keeps_what_it_held(require_program, tmp_path):
    require_program("redis-server", "apt-get install redis-server")
    for turn in (None, b"kept"):
        with twins.twin("redis", tmp_path) as (setting, address):
            assert setting in Settings.model_fields
            client = redis.Redis.from_url(address)
            assert client.get("a") == turn
            client.set("a", "kept")
            client.close()
    with pytest.raises(redis.exceptions.ConnectionError):
        redis.Redis.from_url(address, retry=None).ping()


def test_what_cannot_be_started_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(twins.shutil, "which", lambda name: None)
    with pytest.raises(StoreError, match="apt-get install redis-server"), twins.twin("redis", tmp_path):
        pass
    with pytest.raises(StoreError, match="apt-get install maven"), twins.twin("kafka", tmp_path):
        pass
    (tmp_path / "services" / f"kafka-{VERSION}").mkdir(parents=True)
    monkeypatch.setattr(kafka_broker.shutil, "which", lambda name: None)
    with (
        pytest.raises(StoreError, match="apt-get install openjdk-17-jre-headless"),
        twins.twin("kafka", tmp_path),
    ):
        pass


def test_an_unknown_server_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'kafka'"):
        twins.chosen("redis,kafak")
