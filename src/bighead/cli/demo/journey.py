"""The main job, step by step: will this flight be late?

Three weeks are trained: the one whose figures the README quotes, one that fails its gate, and one that replaces the
first while requests keep coming. Then two days are replayed: arrivals stream in, questions give only keys.
"""

from __future__ import annotations

import dataclasses
import importlib
from contextlib import ExitStack
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from bighead.cli.demo import monitored, replay
from bighead.cli.demo.load import Load
from bighead.cli.demo.record import Record, Step
from bighead.cli.orchestration import Orchestra, Trained
from bighead.cli.progress import Steps
from bighead.cli.services import serving_tier
from bighead.resources.dagster_bindings import open_instance
from bighead.resources.settings import Settings
from bighead.session import Session

MODEL, TRAINING_SET = "flight_late", "flights"
QUOTED, FAILING, REPLACING = "2013-10-25", "2013-11-01", "2013-11-22"
REPLAYED_DAYS = 2
# Seconds that each step took on two cores: how long one is beside the others, for the time left.
WEIGHTS = (3, 9, 8, 27, 2, 23, 2, 2, 20, 3, 4, 20, 5, 5, 4, 25, 22)


def midnight_after(week: str) -> date:
    """Return the day at whose midnight a week's data ends.

    >>> midnight_after("2013-10-25").isoformat()
    '2013-11-01'
    """
    return date.fromisoformat(week) + timedelta(days=7)


class Journey:
    """The demo's steps over one home; `running` keeps the serving tier up until the caller closes it."""

    def __init__(self, settings: Settings, running: ExitStack, shown: Steps) -> None:
        self.settings, self.running, self.record = settings, running, Record(shown)
        self._cursor: str | None = None
        self._last: Orchestra | None = None

    @cached_property
    def _instance(self) -> Any:
        return self.running.enter_context(open_instance(self.settings))

    @property
    def final_settings(self) -> Settings:
        """The settings whose clock stands where the replay ended."""
        assert self._last is not None
        return self._last.settings

    def run(self) -> str:
        """Walk all steps; return the URL of the serving tier, which stays up."""
        first = self._at(midnight_after(QUOTED))
        self._define(first)
        self._learn(first, QUOTED, "4-5 fit, evaluate, register", expect_release=True)
        self._promote(first)
        self._quote()
        self._learn(
            self._at(midnight_after(FAILING)), FAILING, "4 a week that fails its gate", expect_release=False
        )
        third = self._at(midnight_after(REPLACING))
        self._learn(third, REPLACING, "4-5 the week that replaces it", expect_release=True)
        self._upload(third)
        url = self._serve(third)
        self._promote_under_load(third, url)
        self._replay(third, url)
        self._monitor(self._at(midnight_after(REPLACING) + timedelta(days=REPLAYED_DAYS)))
        return url

    def summary(self) -> dict[str, Any]:
        """Return what the demo came to, as plain values; `ok` if no step fell short."""
        names = ("aucs", "artifact", "prediction_json", "prediction_msgpack", "consistency_mismatches",
                 "failed_requests", "stale_answers", "drifted_features", "replay_auc")  # fmt: skip
        found = {name: self.record.fact(name) for name in names}
        steps = self.record.summary()
        return {"ok": all(each["ok"] for each in steps), "model": MODEL, **found, "steps": steps}

    def _at(self, day: date) -> Orchestra:
        settings = self.settings.under(f"replay:{day.isoformat()}T00:00Z")
        self._last = Orchestra(settings, self._instance, self._last.project if self._last else None)
        return self._last

    def _define(self, orchestra: Orchestra) -> None:
        with self.record.step("1 define") as step:
            step.rows = sum(orchestra.prepare_tables().values())
            sets = orchestra.project.feature_sets.values()
            step.facts["features"] = sum(len(each.features) for each in sets)
            step.facts["feature sets"] = len(sets)

    def _learn(self, orchestra: Orchestra, week: str, name: str, *, expect_release: bool) -> Trained:
        with self.record.step(f"2 backfill features to {midnight_after(week)}") as step:
            step.rows = orchestra.backfill_missing()
            step.expect(step.rows > 0, "no feature row was written")
        with self.record.step(f"3 training set to {midnight_after(week)}") as step:
            weeks = orchestra.missing_weeks(TRAINING_SET, orchestra.weeks(MODEL, week))
            built = orchestra.materialize([f"training_sets/{TRAINING_SET}"], keys=weeks)
            step.rows = sum(built.rows.values())
            step.expect(built.ok, f"the run failed: {dict(built.failures)}")
        with self.record.step(f"{name}: {week}") as step:
            trained = orchestra.train(MODEL, week)
            self._told(step, trained)
            step.expect(
                trained.released == expect_release, f"released is {trained.released}: {trained.failures}"
            )
            if not expect_release:
                self._nothing_promoted(orchestra, step)
        return trained

    def _told(self, step: Step, trained: Trained) -> None:
        wanted = ("roc_auc", "pr_auc", "log_loss", "ece")
        step.facts |= {name: round(trained.metrics[name], 4) for name in wanted if name in trained.metrics}
        if trained.failures:
            step.facts["gate"] = "; ".join(trained.failures.values())[:160]

    def _nothing_promoted(self, orchestra: Orchestra, step: Step) -> None:
        before = orchestra.registry().active(MODEL)
        self._cursor, runs = orchestra.promote_released(self._cursor)
        after = orchestra.registry().active(MODEL)
        unchanged = before is not None and after is not None and before.number == after.number
        step.expect(not runs and unchanged, f"a failed gate promoted something: {before} became {after}")

    def _promote(self, orchestra: Orchestra) -> None:
        with self.record.step("6 promote: sensor, run, registry") as step:
            self._cursor, runs = orchestra.promote_released(self._cursor)
            active = orchestra.registry().active(MODEL)
            step.expect(
                len(runs) == 1 and runs[0].ok, f"the sensor's runs: {[dict(run.failures) for run in runs]}"
            )
            step.expect(active is not None and active.partition == QUOTED, f"active is {active}")
            step.facts["active"] = active.number if active else None

    def _quote(self) -> None:
        with self.record.step(
            "4 the four figures: trained to October, tested on November and December"
        ) as step:
            assert self._last is not None
            questions = self._last.project.training_sets[TRAINING_SET]
            # The whole year: what lies after the clock is read from the sources, for these figures only.
            frame = Session(self.settings).collect(questions, "2013-01-01", "2014-01-02")
            found = importlib.import_module("flights.quote").quote(frame, seeds=1)
            step.rows = found["train_rows"] + found["test_rows"]
            step.facts["aucs"] = found["roc_auc"]
            step.facts |= found["roc_auc"]
            step.expect(found["roc_auc"]["all"] >= 0.735, f"ROC-AUC {found['roc_auc']['all']} is below 0.735")

    def _upload(self, orchestra: Orchestra) -> None:
        with self.record.step("7 upload the generation of midnight to the online store") as step:
            day = (midnight_after(REPLACING) - timedelta(days=1)).isoformat()
            for name in orchestra.feature_sets():
                step.rows += sum(orchestra.upload(name, day).rows.values())

    def _serve(self, orchestra: Orchestra) -> str:
        with self.record.step("7 serve") as step:
            url = self.running.enter_context(serving_tier(orchestra.settings))
            step.facts["url"] = url
        return url

    def _promote_under_load(self, orchestra: Orchestra, url: str) -> None:
        with self.record.step("6 promote under load") as step:
            bodies = replay.sample_requests(orchestra.settings, midnight_after(REPLACING))
            with Load(url, f"/v1/models/{MODEL}/predict", bodies) as load:
                replay.wait_for(lambda: len(load.answers) > 50, "answers before the promotion")
                self._cursor, runs = orchestra.promote_released(self._cursor)
                promoted = replay.now()
                replay.wait_for(
                    lambda: sum(1 for sent, _ in load.answers if sent > promoted) > 50, "answers after it"
                )
            active = orchestra.registry().active(MODEL)
            number = active.number if active else -1
            step.rows = len(load.answers)
            stale = load.stale_after(promoted, number)
            step.facts |= {"artifact": number, "failed_requests": len(load.failures), "stale_answers": stale}
            step.expect(
                all(run.ok for run in runs) and len(runs) == 1, f"runs: {[dict(r.failures) for r in runs]}"
            )
            step.expect(active is not None and active.partition == REPLACING, f"active is {active}")
            step.expect(not load.failures, f"requests failed: {load.failures[:2]}")
            step.expect(
                stale == 0, f"{stale} answers came from the old artifact after the promotion returned"
            )

    def _replay(self, orchestra: Orchestra, url: str) -> None:
        with self.record.step(
            f"7-8 replay {REPLAYED_DAYS} days: arrivals stream in, questions give keys"
        ) as step:
            told = replay.run(orchestra.settings, url, midnight_after(REPLACING), REPLAYED_DAYS)
            step.rows = told.events + told.questions
            step.facts |= {
                name: value for name, value in dataclasses.asdict(told).items() if name != "failures"
            }
            step.expect(not told.failures, f"requests failed: {told.failures[:2]}")
            same = told.prediction_json == told.prediction_msgpack
            step.expect(same, "JSON and MessagePack were answered differently")

    def _monitor(self, orchestra: Orchestra) -> None:
        days = [(midnight_after(REPLACING) + timedelta(days=n)).isoformat() for n in range(REPLAYED_DAYS)]
        with self.record.step("9 monitor: consistency, drift, performance; batch scores") as step:
            monitored.run(orchestra, MODEL, days, step)
