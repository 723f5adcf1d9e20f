"""The registry in one process: numbering, verdicts, rules, history, what survives a failing loader."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from bighead.pipeline_lib.errors import (
    DefinitionError,
    EventTimeError,
    GateFailedError,
    PromotionError,
    RegistryError,
    StaleReleaseError,
    StoreError,
    UnknownNameError,
)
from bighead.resources.registry_store import RegistryStore

START = datetime(2013, 1, 1, tzinfo=UTC)


class SteppingClock:
    """One hour a question, from 2013-11-01."""

    def __init__(self):
        self.at = datetime(2013, 11, 1, tzinfo=UTC)

    def now(self):
        self.at += timedelta(hours=1)
        return self.at


def trusting(words="", status=0):
    return (sys.executable, "-S", "-c", f"print({words!r}); raise SystemExit({status})")


def add(store, number, **changes):
    given = {
        "content_hash": f"h{number}",
        "location": "/nowhere",
        "data_interval": (START, START + timedelta(days=number)),
        "metrics": {"auc": 0.7},
        "metadata": {"who": "test"},
        "code_version": "c1",
        "partition": f"p{number}",
    }
    return store.register("m", **{**given, **changes})


@pytest.fixture
def settings(settings, registry_url):
    return settings.model_copy(update={"registry": registry_url})


@pytest.fixture
def store(settings):
    opened = RegistryStore(settings.registry_url, clock=SteppingClock(), loader_command=trusting())
    opened.ensure_model("m", "ana", "team", {"gates": [{"metric": "auc", "at_least": 0.6}]})
    for number in (1, 2, 3):
        add(opened, number)
        opened.record_check("m", number, "auc", True, {"seen": 0.7})
    yield opened
    opened.close()


def numbers(store):
    return [event.number for event in store.history("m")]


def test_registering_the_same_content_and_partition_keeps_the_number(store):
    assert add(store, 2).number == 2
    assert add(store, 2, partition="other").number == 4
    assert add(store, 2, content_hash="other").number == 5
    assert [artifact.number for artifact in store.artifacts("m")] == [1, 2, 3, 4, 5]
    assert store.versions("m")[0].artifacts == (1, 2, 3, 4, 5)


def test_what_was_registered_comes_back(store, settings):
    noon = datetime(1969, 12, 31, 12, 0, 0, 1, tzinfo=UTC)
    made = add(store, 9, data_interval=(noon, START), metrics={"auc": float("nan"), "f1": 0.5, "n": None})
    again = RegistryStore(settings.registry_url).artifact("m", made.number)
    assert again == made
    assert again.data_interval == (noon, START)
    assert again.metrics == {"auc": None, "f1": 0.5, "n": None}


@pytest.mark.parametrize("interval", [(datetime(2013, 1, 1), START), (START + timedelta(days=1), START)])
def test_an_interval_without_zone_or_order_is_refused(store, interval):
    with pytest.raises(EventTimeError, match="time zone"):
        add(store, 9, data_interval=interval)


def test_unknown_names_say_the_nearest(store):
    for ask in (
        lambda: store.model("n"),
        lambda: store.active("n"),
        lambda: store.promote("n", 1, actor="a"),
        lambda: store.artifact("m", 9),
        lambda: store.promote("m", 9, actor="a"),
        lambda: store.record_check("m", 9, "x", True),
        lambda: store.release("m", 9),
    ):
        with pytest.raises(UnknownNameError):
            ask()
    with pytest.raises(DefinitionError):
        store.ensure_model("a/b", "ana", "", {})


def test_the_newest_verdict_counts(store):
    store.record_check("m", 1, "auc", False, "worse on a recount")
    with pytest.raises(GateFailedError, match="worse on a recount"):
        store.promote("m", 1, actor="a")
    store.record_check("m", 1, "auc", True)
    assert store.promote("m", 1, actor="a").status == "active"


def test_rules_refuse_and_force_is_audited(store):
    store.promote("m", 2, actor="a")
    with pytest.raises(StaleReleaseError):
        store.promote("m", 1, actor="b")
    store.record_check("m", 3, "auc", False)
    with pytest.raises(GateFailedError):
        store.promote("m", 3, actor="b")
    assert numbers(store) == [2]
    assert store.promote("m", 3, actor="b", force=True, reason="demo").forced
    kept = [(line.actor, line.action, line.number) for line in store.audit("m")]
    assert kept == [("a", "promote", 2), ("b", "refused", 1), ("b", "refused", 3), ("b", "promote", 3)]
    assert store.audit("m")[-1].detail["forced"] is True


def test_promoting_what_is_active_moves_nothing(store):
    store.promote("m", 1, actor="a")
    assert store.promote("m", 1, actor="b").id is None
    assert numbers(store) == [1]


def test_rollback_goes_down_the_stack_and_needs_no_newer_data(store):
    for number in (1, 2, 3):
        store.promote("m", number, actor="a")
    assert store.rollback("m", actor="a").number == 2
    assert store.rollback("m", actor="a").number == 1
    with pytest.raises(RegistryError, match="cannot be rolled back"):
        store.rollback("m", actor="a")
    assert store.rollback("m", actor="a", to=3, reason="fixed").number == 3
    assert numbers(store) == [1, 2, 3, 2, 1, 3]
    add(store, 4)
    with pytest.raises(RegistryError, match="never active"):
        store.rollback("m", actor="a", to=4)


def test_what_was_active_at_any_time_is_one_question(store):
    for number in (1, 2, 3):
        store.promote("m", number, actor="a")
    store.rollback("m", actor="a")
    history = store.history("m")
    just_before = timedelta(microseconds=1)
    assert store.active("m", at=history[0].at - just_before) is None
    for event, following in pairwise(history):
        assert store.active("m", at=event.at).number == event.number
        assert store.active("m", at=following.at - just_before).number == event.number
    assert store.active("m").number == 2


def test_a_clock_that_goes_back_does_not_reorder_history(store):
    store.promote("m", 1, actor="a")
    store._clock.at -= timedelta(days=300)
    store.promote("m", 2, actor="a")
    first, second = store.history("m")
    assert second.at >= first.at
    assert store.active("m", at=second.at).number == 2


def execute(settings, statement):
    engine = create_engine(settings.registry_url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def test_history_and_audit_cannot_be_changed(store, settings):
    store.promote("m", 1, actor="a")
    for statement in ("DELETE FROM alias_events", "UPDATE alias_events SET at = 0", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="append-only"):
            execute(settings, statement)
    if settings.registry_url.startswith("postgresql"):
        with pytest.raises(DBAPIError, match="append-only"):
            execute(settings, "TRUNCATE audit")
    assert len(store.history("m")) == len(store.audit("m")) == 1


def test_a_loader_that_refuses_moves_nothing_and_its_words_are_kept(settings, store):
    store.promote("m", 1, actor="a")
    failing = RegistryStore(settings.registry_url, loader_command=trusting("the answer differs", 3))
    with pytest.raises(PromotionError, match="the answer differs"):
        failing.promote("m", 2, actor="a")
    assert store.active("m").number == 1
    assert store.desired()["m"].promoting is None
    last = store.promotions("m")[-1]
    assert (last.status, last.number) == ("failed", 2)
    assert "the answer differs" in last.detail
    assert store.promote("m", 2, actor="a").status == "active"


def test_force_does_not_override_the_loader(settings, store):
    failing = RegistryStore(settings.registry_url, loader_command=trusting("broken", 1))
    with pytest.raises(PromotionError, match="broken"):
        failing.promote("m", 1, actor="a", force=True)


def test_a_loader_that_hangs_is_ended(settings, store):
    hanging = (sys.executable, "-S", "-c", "import time; time.sleep(60)")
    slow = RegistryStore(settings.registry_url, loader_command=hanging)
    with pytest.raises(PromotionError, match=r"did not finish .* within 0.3 s"):
        slow.promote("m", 1, actor="a", timeout=0.3)
    assert store.active("m") is None


def test_another_bundle_at_the_same_place_is_refused(settings, store, tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"content_hash": "another"}))
    made = add(store, 9, location=str(tmp_path))
    store.record_check("m", made.number, "auc", True)
    with pytest.raises(PromotionError, match="holds content another"):
        store.promote("m", made.number, actor="a")


def test_release_marks_once(store):
    first = store.release("m", 1).released_at
    assert first is not None
    assert store.release("m", 1).released_at == first
    assert [artifact.released for artifact in store.artifacts("m")] == [True, False, False]


def test_a_model_is_brought_up_to_date(store):
    store.ensure_model("m", "bo", "other", {"description": "new"})
    assert store.model("m").owner == "bo"
    assert len(store.models()) == 1


def test_a_registry_of_another_version_is_refused(settings, store):
    execute(settings, "UPDATE registry_schema SET version = 99")
    with pytest.raises(StoreError, match="version 99"):
        RegistryStore(settings.registry_url)


def test_what_json_lacks_is_kept_as_null(store):
    store.record_check("m", 1, "auc", True, {"worst": float("-inf"), "folds": (float("nan"), 1)})
    assert store.artifact("m", 1).checks[0].detail == {"worst": None, "folds": [None, 1]}
