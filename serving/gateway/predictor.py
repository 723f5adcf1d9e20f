"""The whole way of a prediction: choose the artifact, check the rows, fetch, predict, log."""

from __future__ import annotations

import itertools
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from bighead.pipeline_lib.clock import Clock
from bighead.pipeline_lib.errors import RequestError
from bighead.pipeline_lib.inference_log import InferenceRecord, RowRecord
from bighead.serving.event_loggers.queue_logger import QueueLogger
from bighead.serving.feature_fetchers.fetched import FeatureFetcher, Fetched
from bighead.serving.gateway.hosted import Hosted
from bighead.serving.gateway.model_host import ModelHost
from bighead.serving.gateway.wire import Ask, Row, iso
from bighead.serving.metrics.lateness import Lateness

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NOTHING: dict[str, Any] = {}


class Predictor:
    """Answers prediction requests; any number of threads may call it."""

    def __init__(
        self,
        host: ModelHost,
        fetcher: FeatureFetcher,
        logger: QueueLogger,
        clock: Clock,
        lateness: Lateness | None = None,
    ) -> None:
        self._host, self._fetcher, self._logger, self._clock = host, fetcher, logger, clock
        self._lateness = lateness or Lateness()
        self._prefix, self._count = secrets.token_hex(6), itertools.count(1)

    def answer(self, hosted: Hosted, ask: Ask) -> dict[str, Any]:
        """Return the answer of `hosted`, which the caller has acquired; it is released here.

        Raises:
            RequestError: 4xx, and which column and row is wrong.
            UnavailableError: the gateway's lease ran out meanwhile.
        """
        try:
            now = (self._clock.now() - _EPOCH) // _MICROSECOND
            at = now if ask.at is None else ask.at
            if at > now:
                raise RequestError(
                    f"at is {iso(at)}, and it is {iso(now)}.",
                    status=422,
                    code="future_at",
                    column="at",
                    cure="Ask about now or the past; a replay's clock is moved by PUT /v1/clock.",
                )
            hosted.signature.check(ask.rows)
            fetched = self._fetch(hosted, ask.rows, at)
            if fetched is not None and ask.at is None:
                self._lateness.saw(fetched)
            predictions = _predict(hosted, ask.rows, fetched)
            self._host.check_lease()
        finally:
            hosted.release()
        request_id = f"{self._prefix}-{next(self._count):x}"
        self._log(hosted, (request_id, now, at), ask, fetched, predictions)
        return {
            "model": hosted.model,
            "artifact": hosted.number,
            "model_version": str(hosted.number),
            "at": iso(at),
            "request_id": request_id,
            "predictions": predictions,
        }

    def _fetch(self, hosted: Hosted, rows: list[Row], at: int) -> Fetched | None:
        fetched = self._fetcher.fetch(hosted.refs, rows, at) if hosted.refs else None
        if hosted.derived is None:
            return fetched
        if fetched is None:
            fetched = Fetched([{} for _ in rows], [{} for _ in rows])
        hosted.derived.add(rows, fetched, at, self._fetcher.types(hosted.refs))
        return fetched

    def _log(
        self,
        hosted: Hosted,
        when: tuple[str, int, int],
        ask: Ask,
        fetched: Fetched | None,
        predictions: list[dict[str, Any]],
    ) -> None:
        keys = hosted.keys
        records = [
            RowRecord(
                {key: row[key] for key in keys},
                {name: value for name, value in row.items() if name not in keys} if keys else row,
                fetched.features[number] if fetched else _NOTHING,
                fetched.statuses[number] if fetched else _NOTHING,
                predictions[number],
            )
            for number, row in enumerate(ask.rows)
        ]
        self._logger.log(
            InferenceRecord(
                *when,
                hosted.model,
                hosted.number,
                records,
                fetched.definitions if fetched else {},
                fetched.generations if fetched else {},
                fetched.positions if fetched else {},
                ask.synthetic,
                fetched.immature if fetched else [],
                fetched.late if fetched else [],
            )
        )


def _predict(hosted: Hosted, rows: list[Row], fetched: Fetched | None) -> list[dict[str, Any]]:
    if fetched is not None:
        rows = [
            {name: features[name] if name in features else row[name] for name in hosted.inputs}
            for row, features in zip(rows, fetched.features, strict=True)
        ]
    predictions = hosted.predictor.predict_rows(rows)
    for prediction in predictions:
        for name, value in prediction.items():
            # JSON has no NaN; null says the same in both formats.
            if value != value:
                prediction[name] = None
    return predictions
