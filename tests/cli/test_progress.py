from __future__ import annotations

import re

import pytest

from bighead.cli.progress import step, steps


def test_each_step_prints_its_place_and_the_time_left(capsys):
    with steps("backfill", [2, 2, 4]) as journey:
        assert journey.seconds_left() is None
        for name in ("one", "two", "three"):
            with journey.step(name) as tell:
                tell("5 rows")
    lines = [" ".join(line.split()) for line in capsys.readouterr().err.splitlines() if line.strip()]
    assert len(lines) == 3
    assert re.fullmatch(r"✓ one 5 rows 0\.\d s \(1 of 3, about 0:\d\d left\)", lines[0])
    assert re.fullmatch(r"✓ three 5 rows 0\.\d s \(3 of 3\)", lines[2])


def test_the_time_left_is_that_of_the_weights_at_the_pace_so_far(monkeypatch):
    now = 100.0
    monkeypatch.setattr("bighead.cli.progress.time.perf_counter", lambda: now)
    with steps("backfill", [1, 3, 6]) as journey:
        with journey.step("one"):
            now = 102.0
        assert journey.seconds_left() == pytest.approx(18)
        with journey.step("two"):
            now = 104.0
        assert journey.seconds_left() == pytest.approx(6)


def test_the_time_left_moves_within_a_step_too(monkeypatch):
    now = 100.0
    monkeypatch.setattr("bighead.cli.progress.time.perf_counter", lambda: now)
    with steps("backfill", [10, 20]) as journey:
        with journey.step("one"):
            now = 101.0
            journey.within(0.5)
            assert journey.seconds_left() == pytest.approx(5)
            now = 102.0
        assert journey.seconds_left() == pytest.approx(4)
    with steps("backfill", [10]) as journey, journey.step("alone"):
        now += 3
        journey.within(0.75)
        assert journey.seconds_left() == pytest.approx(1)


def fail_halfway():
    with step("upload") as tell:
        tell("halfway")
        raise ValueError("no")


def test_a_step_that_fails_says_so_and_raises(capsys):
    with pytest.raises(ValueError, match="no"):
        fail_halfway()
    assert re.search(r"✗ upload +halfway +0\.\d s", capsys.readouterr().err)


def test_one_step_alone_has_no_bar(capsys):
    with step("promote"):
        pass
    assert "of 1" not in capsys.readouterr().err
