"""What a predefined pipeline is to learn."""

from __future__ import annotations

from typing import Literal

from bighead.pipeline_lib.errors import UnknownNameError

Task = Literal["binary", "multiclass", "regression"]
TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


def check_task(task: str, known: tuple[Task, ...] = TASKS) -> None:
    """Refuse a word that is no task.

    Raises:
        UnknownNameError: naming the tasks that there are.
    """
    if task not in known:
        raise UnknownNameError("task", task, known)
