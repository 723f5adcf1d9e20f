"""What every verb shares: `--json`, and errors that tell the cure."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click

from bighead.pipeline_lib.errors import BigheadError

Answer = Mapping[str, Any]


class Told(dict[str, Any]):
    """An answer that has words of its own for a person."""

    def __init__(self, answer: Answer, words: str) -> None:
        super().__init__(answer)
        self.words = words


def verb(function: Callable[..., Answer]) -> Callable[..., None]:
    """Wrap a verb's body: it returns its answer, which is printed for a person or, with --json, as one line.

    A BigheadError ends with exit status 1 and its cure; an answer whose `ok` is false ends with 1 too.
    """

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON line instead of text.")
    @wraps(function)
    def wrapped(*args: Any, as_json: bool, **options: Any) -> None:
        try:
            answer = function(*args, **options)
        except BigheadError as error:
            _print_error(error, as_json)
            sys.exit(1)
        print(json.dumps(answer, default=str) if as_json else _as_text(answer), flush=True)
        if not answer.get("ok", True):
            sys.exit(1)

    return wrapped


def _print_error(error: BigheadError, as_json: bool) -> None:
    kind = type(error).__name__
    if as_json:
        print(
            json.dumps({"ok": False, "error": {"kind": kind, "message": error.message, "cure": error.cure}})
        )
    else:
        click.secho(f"{kind}: {error.message}", fg="red", err=True)
        if error.cure:
            click.echo(f"  {error.cure}", err=True)


def _as_text(answer: Answer, indent: str = "") -> str:
    if isinstance(answer, Told):
        return answer.words
    lines = []
    for key, value in answer.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{key}:", _as_text(value, indent + "  ")]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            lines.append(f"{indent}{key}:")
            lines += [f"{indent}  - " + ", ".join(f"{k} {v}" for k, v in item.items()) for item in value]
        else:
            lines.append(f"{indent}{key}: {value}")
    return "\n".join(lines)
