"""What a gateway says when it cannot answer now and a proxy should ask another one, or the client later."""

from __future__ import annotations

from bighead.pipeline_lib.errors import BigheadError


class UnavailableError(BigheadError):
    """503 with Retry-After: nothing is wrong with the request."""

    def __init__(self, message: str, *, code: str, retry_after_seconds: int = 1) -> None:
        super().__init__(message, cure="Ask again.")
        self.code, self.retry_after_seconds = code, retry_after_seconds
