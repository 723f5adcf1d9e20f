"""`bighead demo`: the whole way on real flights, with every step checked."""

from __future__ import annotations

from bighead.cli.demo.command import command

__all__ = ["command"]
