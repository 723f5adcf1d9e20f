"""The page of a model's scores tells what was stored of them: distributions, days, artifacts, verdicts."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from litestar.testing import TestClient

from bighead.pipeline_lib.profiles import Profile
from bighead.pipeline_lib.quality import Drift
from bighead.pipeline_lib.quality.judging import Failing, Verdict
from bighead.pipeline_lib.quality.ledger import record_table
from bighead.resources.profile_store import FileProfileStore

PATH = "/models/flight_late/scores"


@pytest.fixture
def client(flights, make_app):
    with TestClient(make_app(flights)) as opened:
        yield opened


def scored(day: int, artifact: int) -> Profile:
    random = np.random.default_rng(day)
    return Profile.of(
        pl.DataFrame(
            {
                "id": [f"q{n}" for n in range(200)],
                "t": [datetime(2013, 11, day, n % 24, tzinfo=UTC) for n in range(200)],
                "probability": random.beta(2, 6, 200),
                "artifact": [artifact] * 200,
            }
        )
    )


def test_days_distributions_artifacts_and_verdicts_are_shown(client, settings):
    profiles = FileProfileStore.beside(settings.offline)
    for day in range(1, 6):
        profiles.write("scores", "flight_late", f"2013-11-0{day}", "s", scored(day, 1 + day // 4))
    check = Drift("probability")
    failing = (Failing("2013-11-05", "PSI 0.41, usual up to 0.12"),)
    verdict = Verdict(check.name, "warn", check.text, "2013-11-05: PSI 0.41, usual up to 0.12", failing, 5)
    record_table(profiles, ("scores", "flight_late"), [check], [verdict], datetime(2013, 11, 6, tzinfo=UTC))
    text = client.get(PATH).text
    assert "2013-11-01 to 2013-11-05, 5 partitions, 1,000 rows" in text
    assert text.count("/models/flight_late/artifacts/") == 2
    assert "PSI 0.41, usual up to 0.12" in text
    assert "Mean probability" in text
    assert "mean ± deviation" in text
    assert "Distribution of artifact" not in text
    assert "<strong>t " not in text
    two = client.get(PATH, params={"days": 2}).text
    assert "2013-11-04 to 2013-11-05, 2 partitions, 400 rows" in two
    assert f'href="{PATH}"' in client.get("/models/flight_late").text


def test_without_scores_the_page_says_how_they_come_to_be(client):
    answer = client.get(PATH)
    assert answer.status_code == 200
    assert "scores/flight_late" in answer.text
    assert client.get("/models/flihgt_late/scores").status_code == 404
