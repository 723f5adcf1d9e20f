"""The serving tier as a process, with artifacts that are plain functions; the tests of promotion run it."""

from __future__ import annotations

import sys
from pathlib import Path

from bighead.resources.settings import Settings
from bighead.serving import run
from bighead.serving.gateway.hosted import Hosted
from bighead.serving.gateway.signature import Column, Signature


class Arithmetic:
    def __init__(self, number: int) -> None:
        self.number = number

    def predict_rows(self, rows):
        return [{"probability": row["distance"] / 10_000 + self.number} for row in rows]


def load(model: str, number: int, location: str) -> Hosted:
    column = Column("distance", "float64", False)
    return Hosted(model, number, Arithmetic(number), Signature([column]), inputs=["distance"])


if __name__ == "__main__":
    run.main(Settings(home=Path(sys.argv[1]), port=0, lease_seconds=2.0), load=load)
