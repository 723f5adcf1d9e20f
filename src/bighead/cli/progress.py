"""Progress on standard error: a line for each finished step and, over several steps, a bar with an ETA."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

Tell = Callable[[str], None]


@contextmanager
def step(title: str) -> Iterator[Tell]:
    """Show one step with its seconds; call the yielded function with the present detail."""
    with steps(title, [1.0]) as journey, journey.step(title) as tell:
        yield tell


@contextmanager
def steps(title: str, weights: Sequence[float]) -> Iterator[Steps]:
    """Show a bar over as many steps as there are weights.

    A weight is how long a step is expected to take beside the others, in any unit (days to compute, say); the
    time left is that of the weights left at the pace so far. On a terminal the bar is redrawn below the
    finished lines; elsewhere each step prints one line when it ends, with its place and the time left.
    """
    console = Console(stderr=True, highlight=False)
    columns = (
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[left]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield Steps(bar, title, weights)


class Steps:
    """The steps of one piece of work; made by `steps`."""

    def __init__(self, bar: Progress, title: str, weights: Sequence[float]) -> None:
        self._bar, self._weights, self._done = bar, list(weights), 0
        # How much of the present step is done, and its own line on the terminal.
        self._share = 0.0
        self._present: TaskID | None = None
        self._started = time.perf_counter()
        self._whole: TaskID | None = None
        if len(self._weights) > 1:
            self._whole = bar.add_task(title, total=sum(self._weights), left="")

    @contextmanager
    def step(self, title: str) -> Iterator[Tell]:
        """Show the next step with its seconds; call the yielded function with the present detail."""
        started, detail = time.perf_counter(), ""
        task = self._present = self._bar.add_task(title, total=None, left="")

        def tell(text: str) -> None:
            nonlocal detail
            detail = text
            self._bar.update(task, description=f"{title} – {text}")

        try:
            yield tell
        except BaseException:
            self._print("[red]✗[/red]", title, detail, started)
            raise
        finally:
            self._bar.remove_task(task)
            self._share, self._present = 0.0, None
        self._done += 1
        self._print("[green]✓[/green]", title, f"[dim]{detail}[/dim]", started)

    def within(self, share: float) -> None:
        """Say how much of the present step is done, from 0 to 1: the bar and the time left follow at once."""
        self._share = min(max(share, 0.0), 1.0)
        if self._whole is not None:
            self._advance()
        elif self._present is not None:
            left = self.seconds_left()
            told = "" if left is None else f"about {_clock(left)} left"
            self._bar.update(self._present, total=1.0, completed=self._share, left=told)

    def seconds_left(self) -> float | None:
        """Return what is left at the pace so far; None before there is one."""
        done, whole = self._weight_done(), sum(self._weights)
        elapsed = time.perf_counter() - self._started
        return elapsed / done * (whole - done) if done else None

    def _weight_done(self) -> float:
        present = self._weights[self._done] * self._share if self._done < len(self._weights) else 0.0
        return sum(self._weights[: self._done]) + present

    def _print(self, mark: str, title: str, detail: str, started: float) -> None:
        seconds = f"{time.perf_counter() - started:.1f} s"
        place = self._advance()
        console = self._bar.console
        told = f"  [dim]({place})[/dim]" if place and not console.is_terminal else ""
        # A file or a pipe has no width to wrap at.
        console.print(f"{mark} {title}  {detail}  {seconds}{told}", soft_wrap=not console.is_terminal)

    def _advance(self) -> str:
        """Move the bar, and return where it stands: `3 of 17, about 1:20 left`; empty for a single step."""
        if self._whole is None:
            return ""
        left = self.seconds_left()
        told = "" if left is None else f", about {_clock(left)} left"
        place = f"{self._done} of {len(self._weights)}{told if self._done < len(self._weights) else ''}"
        self._bar.update(self._whole, completed=self._weight_done(), left=place)
        return place


def _clock(seconds: float) -> str:
    """Return seconds as minutes and seconds.

    >>> _clock(83.4)
    '1:23'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
