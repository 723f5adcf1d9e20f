"""The registry's rules, without a database: what may become active, and where a rollback leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import GateFailedError, PromotionError, RegistryError, StaleReleaseError
from bighead.pipeline_lib.registry.followers import lagging, unready
from bighead.pipeline_lib.registry.gates import check_gates
from bighead.pipeline_lib.registry.rollback import rollback_target, standing_stack
from bighead.pipeline_lib.registry.staleness import check_fresh
from bighead.pipeline_lib.registry.standing import standing
from bighead.pipeline_lib.registry.state_machine import OPEN, check_move, may_move
from bighead.pipeline_lib.registry.values import Artifact, Check, Desired, Gateway, HistoryEvent

NOW = datetime(2013, 11, 1, tzinfo=UTC)
GATES = {"gates": [{"metric": "roc_auc", "at_least": 0.7}]}


def artifact(number=1, end=NOW, checks=()):
    return Artifact(
        model="m",
        number=number,
        content_hash="h",
        location="/x",
        partition="p",
        code_version="c",
        data_interval=(end - timedelta(days=9), end),
        metrics={},
        metadata={},
        created_at=NOW,
        released_at=None,
        checks=tuple(Check(name, passed, "", NOW) for name, passed in checks),
    )


def event(number, kind="promote", index=0):
    return HistoryEvent(index, "m", None, number, kind, "ana", "", False, NOW)


@pytest.mark.parametrize(
    ("checks", "config", "words"),
    [
        ([], {}, "no verdict of any check"),
        ([], GATES, "no verdict of 'roc_auc'"),
        ([("reproduces", True)], GATES, "no verdict of 'roc_auc'"),
        ([("roc_auc", False)], GATES, "failed 'roc_auc'"),
        ([("roc_auc", True), ("drift", False)], GATES, "failed 'drift'"),
        ([("roc_auc", True)], {"required_checks": ["drift"], **GATES}, "no verdict of 'drift'"),
    ],
)
def test_a_gate_that_failed_or_was_never_recorded_refuses(checks, config, words):
    with pytest.raises(GateFailedError, match=words):
        check_gates(artifact(checks=checks), config)


def test_gates_let_through_what_passed_all():
    check_gates(artifact(checks=[("roc_auc", True), ("drift", True)]), GATES)
    check_gates(artifact(checks=[("anything", True)]), {})


@pytest.mark.parametrize("days", [0, -1])
def test_data_that_ends_no_later_is_stale(days):
    with pytest.raises(StaleReleaseError, match="until 2013-11-01"):
        check_fresh(artifact(2, NOW + timedelta(days=days)), artifact(1))


def test_later_data_is_fresh_and_so_is_the_first_of_all():
    check_fresh(artifact(2, NOW + timedelta(microseconds=1)), artifact(1))
    check_fresh(artifact(1), None)


def test_two_rollbacks_go_two_promotions_back():
    history = [event(1), event(2), event(3)]
    assert rollback_target("m", history, None) == 2
    history.append(event(2, "rollback"))
    assert rollback_target("m", history, None) == 1
    history.append(event(1, "rollback"))
    with pytest.raises(RegistryError, match="only artifact 1 stands"):
        rollback_target("m", history, None)


def test_a_rollback_leads_only_where_it_was():
    with pytest.raises(RegistryError, match="never active"):
        rollback_target("m", [event(1), event(2)], 7)
    assert rollback_target("m", [event(1), event(2)], 1) == 1
    with pytest.raises(RegistryError, match="nothing was ever active"):
        rollback_target("m", [], None)


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=30))
def test_the_stack_ends_with_what_is_active_and_holds_nothing_twice(moves):
    history = [event(number, "rollback" if back else "promote") for number, back in moves]
    stack = standing_stack(history)
    assert len(set(stack)) == len(stack)
    assert stack[-1:] == tuple(number for number, _ in moves[-1:])
    assert set(stack) <= {number for number, _ in moves}


def test_open_states_lead_to_every_end_and_ends_lead_nowhere():
    ends = ("active", "failed", "dropped")
    for seen in ends:
        assert not any(may_move(seen, to) for to in (*OPEN, *ends))
    assert may_move("verifying", "promoting")
    assert may_move("promoting", "active")
    assert not may_move("verifying", "active")
    for seen in OPEN:
        assert may_move(seen, "failed")
        assert may_move(seen, "dropped")
        assert may_move(seen, "verifying")
    with pytest.raises(PromotionError, match="promotion 7 is active"):
        check_move(7, "active", "failed")


def gateway(name, serving=None, ready=None, epoch=None, live=True):
    expires = NOW + timedelta(seconds=1 if live else 0)
    epochs = {} if epoch is None else {"m": epoch}
    held = [{} if number is None else {"m": number} for number in (serving, ready)]
    return Gateway(name, "", NOW, expires, *held, epochs)


def test_who_is_ready_has_it_loaded_or_serves_it():
    gateways = [
        gateway("a", 1, 2),
        gateway("b", 2),
        gateway("c", 1),
        gateway("d", 1, live=False),
        gateway("e", ready=3),
    ]
    assert unready(gateways, "m", 2, NOW) == ("c", "e")


def test_who_follows_serves_it_since_that_event():
    gateways = [
        gateway("follows", 1, epoch=9),
        gateway("went on", 1, epoch=10),
        gateway("other", 2, epoch=9),
        gateway("nothing"),
        gateway("expired", 2, epoch=1, live=False),
        # It still serves 1 from before 1 → 2 → 1, and may be about to swap to 2.
        gateway("same number, older event", 1, epoch=7),
        gateway("no epoch", 1),
    ]
    assert lagging(gateways, "m", 1, 9, NOW) == ("no epoch", "nothing", "other", "same number, older event")


@pytest.mark.parametrize(
    ("number", "checks", "expected"),
    [
        (1, [], "active"),
        (2, [], "promoting"),
        (3, [("x", False)], "failed"),
        (4, [("x", True)], "was active"),
        (5, [("x", True)], "registered"),
    ],
)
def test_where_an_artifact_stands(number, checks, expected):
    desired = Desired("m", 1, "/x", 9, 2, "/y")
    assert standing(artifact(number, checks=checks), desired, {1, 4}) == expected
