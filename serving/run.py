"""The serving tier as a process: uvicorn with uvloop and httptools, one worker, drained on SIGTERM."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress

import uvicorn

from bighead.resources.settings import Settings
from bighead.serving.app import create_front
from bighead.serving.gateway.hosted import load_hosted
from bighead.serving.gateway.model_host import Loader

DRAIN_SECONDS = 10


def main(settings: Settings, *, load: Loader = load_hosted) -> None:
    """Serve until SIGTERM or SIGINT; then take no connection, answer what was asked, and write the logs.

    `<home>/serving.json` holds the URL while it runs.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((settings.host, settings.port))
    host, port = listening.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    config = uvicorn.Config(
        create_front(settings, url=url, load=load),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False,
    )
    address = settings.root / "serving.json"
    _Server(config, address, {"url": url, "pid": os.getpid()}).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Writes its address down once it answers, and takes it away when it stops."""

    def __init__(self, config: uvicorn.Config, address: os.PathLike[str], told: dict[str, object]) -> None:
        super().__init__(config)
        self._address, self._told = address, told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            written = f"{os.fspath(self._address)}.{os.getpid()}"
            with open(written, "w", encoding="utf-8") as file:
                json.dump(self._told, file)
            os.replace(written, self._address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._address)
        await super().shutdown(sockets)


if __name__ == "__main__":
    main(Settings())
