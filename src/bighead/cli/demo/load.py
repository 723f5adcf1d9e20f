"""Steady load on the serving tier while something else happens to it, with every failure kept."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Load:
    """Two clients that send one request after another until stopped; used as a context manager.

    `answers` holds (seconds since the epoch when sent, artifact that answered); `failures` what else came.
    """

    url: str
    path: str
    bodies: list[dict[str, Any]]
    clients: int = 2
    answers: list[tuple[float, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> Load:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _send(self) -> None:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=30)
        turn = 0
        while not self._stop.is_set():
            body = json.dumps(self.bodies[turn % len(self.bodies)])
            turn += 1
            sent = time.time()
            try:
                connection.request("POST", self.path, body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                answer = json.loads(response.read())
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                connection.close()
                continue
            if response.status == 200:
                self.answers.append((sent, int(answer["artifact"])))
            else:
                self.failures.append(f"{response.status}: {answer}")

    def stale_after(self, moment: float, artifact: int) -> int:
        """Count the answers sent after `moment` that came from another artifact than `artifact`."""
        return sum(1 for sent, answered in self.answers if sent > moment and answered != artifact)
