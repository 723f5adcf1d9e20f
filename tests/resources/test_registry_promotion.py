"""Promotion across threads and processes: gateways that follow, lag or die; promoters that are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bighead.pipeline_lib.errors import PromotionError
from bighead.resources.registry_store import RegistryStore

DRIVER = Path(__file__).with_name("registry_driver.py")
TRUSTING = (sys.executable, "-S", "-c", "")


def add(store, number):
    start = datetime(2013, 1, 1, tzinfo=UTC)
    made = store.register(
        "m",
        content_hash=f"h{number}",
        location="/nowhere",
        data_interval=(start, start + timedelta(days=number)),
        metrics={},
        metadata={},
        code_version="c",
        partition=f"p{number}",
    )
    store.record_check("m", made.number, "auc", True)


@pytest.fixture
def settings(settings, registry_url):
    return settings.model_copy(update={"registry": registry_url})


@pytest.fixture
def store(settings):
    opened = RegistryStore(settings.registry_url, loader_command=TRUSTING, hold_seconds=1)
    opened.ensure_model("m", "ana", "", {})
    for number in (1, 2, 3):
        add(opened, number)
    yield opened
    opened.close()


class Following:
    """A gateway in a thread, which may be told not to load or not to swap."""

    def __init__(self, store, name, loads=True, swaps=True, lease=5.0):
        self.store, self.name, self.loads, self.swaps, self.lease = store, name, loads, swaps, lease
        self.serving, self.epochs, self.swapped_at = {}, {}, {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        # Registered before anything is read: no promotion can miss it from here on.
        self._desired = self.store.heartbeat(self.name, "", self.lease, {}, {})
        self._apply(first=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self.store.leave(self.name)

    def _apply(self, first=False):
        for model, desired in self._desired.items():
            if desired.active is not None and (self.swaps or first):
                if self.serving.get(model) != desired.active:
                    self.swapped_at[desired.active] = time.monotonic()
                self.serving[model], self.epochs[model] = desired.active, desired.epoch
        ready = {m: d.promoting for m, d in self._desired.items() if d.promoting is not None and self.loads}
        self._desired = self.store.heartbeat(self.name, "", self.lease, self.serving, ready, self.epochs)

    def _run(self):
        while not self._stop.wait(0.02):
            self._apply()


@contextmanager
def driver(*arguments):
    process = subprocess.Popen(
        [sys.executable, str(DRIVER), *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_promote_returns_when_every_gateway_serves_it(store):
    with Following(store, "a") as a, Following(store, "b") as b:
        for number in (1, 2, 3):
            done = store.promote("m", number, actor="x", timeout=10)
            returned = time.monotonic()
            assert done.gateways == ("a", "b")
            for gateway in (a, b):
                assert gateway.serving["m"] == number
                assert gateway.swapped_at[number] <= returned
        assert store.rollback("m", actor="x", timeout=10).gateways == ("a", "b")
        assert a.serving == b.serving == {"m": 2}


def test_a_gateway_that_does_not_load_stops_the_move(store):
    store.promote("m", 1, actor="x")
    with Following(store, "good") as good, Following(store, "stuck", loads=False):
        with pytest.raises(PromotionError, match=r"'stuck' did not load artifact 2.*nothing was moved"):
            store.promote("m", 2, actor="x", timeout=0.5)
        assert good.serving == {"m": 1}
    assert store.active("m").number == 1
    assert store.promotions("m")[-1].status == "failed"
    assert store.desired()["m"].promoting is None


def test_a_gateway_that_does_not_swap_is_named_and_the_move_stands(store):
    store.promote("m", 1, actor="x")
    with Following(store, "good") as good, Following(store, "stuck", swaps=False) as stuck:
        with pytest.raises(PromotionError, match="artifact 2 of 'm' is active, but gateway 'stuck'"):
            store.promote("m", 2, actor="x", timeout=0.5)
        last = store.promotions("m")[-1]
        assert (last.status, last.gateways, last.missing) == ("active", ("good",), ("stuck",))
        assert store.active("m").number == good.serving["m"] == 2
        # Asked again, it waits on: once the gateway swaps, the answer is OK and nothing was moved twice.
        stuck.swaps = True
        assert store.promote("m", 2, actor="x", timeout=10).gateways == ("good", "stuck")
    assert [event.number for event in store.history("m")] == [1, 2]


def test_a_gateway_that_went_back_and_forth_unseen_is_waited_for(store):
    # 1 is active again, and the gateway still says "1" from before: it may yet swap to 2.
    store.promote("m", 1, actor="x")
    epoch = store.desired()["m"].epoch
    store.promote("m", 2, actor="x")
    store.heartbeat("asleep", "", 30, {"m": 1}, {"m": 1}, {"m": epoch})
    with pytest.raises(PromotionError, match="'asleep' did not report"):
        store.rollback("m", actor="x", timeout=0.3)


def test_an_expired_gateway_is_not_waited_for(store):
    store.heartbeat("dead", "", 0.2, {}, {})
    time.sleep(0.25)
    assert store.promote("m", 1, actor="x", timeout=5).gateways == ()


def test_a_gateway_whose_lease_ends_meanwhile_is_no_longer_waited_for(store):
    store.heartbeat("dying", "", 0.6, {}, {})
    began = time.monotonic()
    store.promote("m", 1, actor="x", timeout=10)
    assert 0.4 < time.monotonic() - began < 8


def test_leaving_frees_the_promotion_at_once(store):
    store.heartbeat("a", "", 60, {}, {})
    store.leave("a")
    assert store.promote("m", 1, actor="x", timeout=1).status == "active"


def test_gateways_see_the_artifact_only_after_the_loader_has(settings, store):
    slow = (sys.executable, "-S", "-c", "import time; time.sleep(0.5)")
    loading = RegistryStore(settings.registry_url, loader_command=slow)
    seen = []
    store.heartbeat("a", "", 30, {}, {})
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(loading.promote, "m", 1, actor="x", timeout=10)
        until(lambda: any(p.status == "verifying" for p in store.promotions("m")))
        seen.append(store.desired()["m"].promoting)
        until(lambda: store.desired()["m"].promoting == 1)
        assert store.desired()["m"].active is None
        store.leave("a")
        asked.result()
    assert seen == [None]


def test_racing_promotions_leave_one_line_of_history(settings, store):
    with Following(store, "a"), ThreadPoolExecutor(6) as pool:
        asked = [
            pool.submit(store.promote, "m", n, actor=f"t{n}", force=True, timeout=30)
            for n in (1, 2, 3, 1, 2, 3)
        ]
        assert all(one.result().status == "active" for one in asked)
    history = store.history("m")
    assert [event.previous for event in history] == [None, *(event.number for event in history[:-1])]
    assert {event.number for event in history} == {1, 2, 3}
    assert all(p.status == "active" for p in store.promotions("m"))


def test_a_promotion_under_way_is_named_to_the_next(settings, store):
    with driver("promote", settings.registry_url, 1, 30):
        until(lambda: store.promotions("m"))
        with pytest.raises(PromotionError, match="is being promoted to artifact 1 by 'driver'"):
            store.promote("m", 2, actor="x", timeout=0.3)


@pytest.mark.parametrize(("following", "status"), [(1, "active"), (2, "dropped")])
def test_kill_while_loading_leaves_the_last_state_and_the_next_goes_on(settings, store, following, status):
    with driver("promote", settings.registry_url, 1, 30) as process:
        until(lambda: store.promotions("m"))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert store.active("m") is None
    assert store.promote("m", following, actor="x", timeout=20).status == "active"
    first = store.promotions("m")[0]
    # The same artifact is resumed under its id; another one drops it.
    assert (first.id, first.status) == (1, status)
    assert len(store.promotions("m")) == following
    assert [event.number for event in store.history("m")] == [following]


def test_kill_between_load_and_commit_leaves_the_last_state(settings, store):
    store.promote("m", 1, actor="x")
    store.heartbeat("slow", "", 60, {"m": 1}, {}, {"m": 1})
    with driver("promote", settings.registry_url, 2, 0) as process:
        until(lambda: store.desired()["m"].promoting == 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert store.active("m").number == 1
    store.leave("slow")
    assert store.promote("m", 3, actor="x", timeout=20).status == "active"
    assert [p.status for p in store.promotions("m")] == ["active", "dropped", "active"]


def test_kill_after_the_commit_leaves_the_move_and_promote_waits_on(settings, store):
    epoch = None
    with driver("promote", settings.registry_url, 1, 0) as process:
        store.heartbeat("slow", "", 60, {}, {"m": 1})
        until(lambda: store.history("m"))
        process.send_signal(signal.SIGKILL)
        process.wait()
        epoch = store.desired()["m"].epoch
    assert store.active("m").number == 1
    with pytest.raises(PromotionError, match="'slow' did not report"):
        store.promote("m", 1, actor="x", timeout=0.3)
    store.heartbeat("slow", "", 60, {"m": 1}, {}, {"m": epoch})
    assert store.promote("m", 1, actor="x", timeout=5).gateways == ("slow",)


def test_a_promoter_that_slept_through_its_lease_cannot_commit(settings, store):
    with driver("promote", settings.registry_url, 1, 0.8) as process:
        until(lambda: store.promotions("m"))
        process.send_signal(signal.SIGSTOP)
        assert store.promote("m", 2, actor="x", timeout=20).status == "active"
        process.send_signal(signal.SIGCONT)
        words, _ = process.communicate(timeout=20)
    assert "PromotionError" in words
    assert "taken over" in words
    assert [event.number for event in store.history("m")] == [2]


def test_processes_register_promote_and_follow_at_once(settings, tmp_path):
    url = settings.registry_url
    with driver("register", url, 0, 20) as one, driver("register", url, 10, 20) as two:
        assert {one.communicate(timeout=60)[0].strip(), two.communicate(timeout=60)[0].strip()} == {"done"}
    store = RegistryStore(url, loader_command=TRUSTING)
    # Ten of the twenty were the same, and each number was given once.
    assert [artifact.number for artifact in store.artifacts("m")] == list(range(1, 31))
    for number in (1, 2, 3, 4):
        store.record_check("m", number, "auc", True)
    with driver("gateway", url, "g1", 60) as g1, driver("gateway", url, "g2", 60) as g2:
        assert g1.stdout.readline() == g2.stdout.readline() == "up\n"
        with driver("promote", url, 1, 0) as process:
            assert process.communicate(timeout=30)[0].strip() == "active"
        assert store.promote("m", 1, actor="x", timeout=30).gateways == ("g1", "g2")
    store.close()
